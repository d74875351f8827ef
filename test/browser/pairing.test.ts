import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Page } from "playwright-core";
import { createNodeLoopback } from "../../src/platform/loopback/node-loopback.ts";
import { OWNER } from "../support/create-test-app.ts";
import { quickClock } from "../support/quick-clock.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import type { SpawnedDaemon } from "../support/spawned-daemon.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, startSite } from "./support/browser.ts";

const DISCOVERY_KEY = "a long key that lets nodes in";

interface SomeDevice {
  readonly daemon: SpawnedDaemon;
  readonly url: string;
  readonly file: string;
}

/** A device of its own, which has the same address after it has taken settings over. */
async function startDevice(): Promise<SomeDevice> {
  const file = join(tempDir(), "farhand.yaml");
  writeFileSync(file, "# the rack on the left\nroles: [device]\nhttp:\n  tls: { mode: off }\n");
  const [port = 0] = await createNodeLoopback().freePorts(1);
  const daemon = spawnDaemon({
    args: ["serve", "--config", file],
    env: {
      FARHAND__AUTH__INITIAL_PASSWORD: OWNER.password,
      FARHAND__HTTP__PORT: String(port),
      FARHAND__AGENT__INTERVAL_SECONDS: "1",
    },
  });
  const [, url = ""] = await daemon.untilOutput(/ready: (\S+?)\/\n/);
  return { daemon, url, file };
}

async function pairByKey(page: Page, hubUrl: string): Promise<void> {
  await page.getByLabel("Address of the server").fill(hubUrl);
  await page.getByLabel("What the server gave you").selectOption("komari-key");
  await page.getByLabel("Token, key or secret").fill(DISCOVERY_KEY);
  await page.getByRole("button", { name: "Connect" }).click();
  await page.waitForSelector(`li:has-text("${hubUrl}")`);
}

it("pairs a device with the hub on its settings page: the fleet shows it, and that it has gone", async () => {
  const hub = await startSite({
    config: { roles: ["hub"], hub: { discoveryKey: DISCOVERY_KEY } },
    // A connection that is gone may come back within some seconds.
    clock: quickClock(3),
  });
  const { page: fleet } = await openBrowser();
  await signIn(fleet, `${hub.url}/fleet`);
  await fleet.waitForSelector('text="No machine reports here yet."');

  const { daemon, url, file } = await startDevice();
  const { page, problems, screenshot } = await openBrowser();
  await signIn(page, `${url}/console/settings/pairing`);
  await pairByKey(page, hub.url);
  await screenshot("pairing");
  await page.click('text="Take over now"');
  await daemon.untilOutput(/ready: [\s\S]*ready: /);
  await page.waitForSelector('text="Take over now"', { state: "detached" });
  expect(problems).toEqual([]);
  expect(readFileSync(file, "utf8")).toMatch(/^# the rack on the left\nroles: \[device, agent\]/);

  await fleet.waitForSelector(".node-card.online");
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toEqual({ code: 0, signal: null });
  await fleet.waitForSelector(".node-card.offline");
});
