import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OWNER } from "../support/create-test-app.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openBrowser, signIn, untilPicture } from "./support/browser.ts";

it("takes another frame rate over while the console beside it keeps its sockets, and says what it restarted", async () => {
  const file = join(tempDir(), "farhand.yaml");
  writeFileSync(file, "roles: [device]\nhttp:\n  tls: { mode: off }\n");
  const daemon = spawnDaemon({
    args: ["serve", "--config", file],
    env: { FARHAND__AUTH__INITIAL_PASSWORD: OWNER.password },
  });
  const [, url = ""] = await daemon.untilOutput(/ready: (\S+?)\/\n/);
  const { page: watching } = await openBrowser();
  let closed = 0;
  watching.on("websocket", (socket) => {
    socket.on("close", () => {
      closed += 1;
    });
  });
  await signIn(watching, `${url}/console`);
  await untilPicture(watching);

  const { page, problems, screenshot } = await openBrowser();
  await signIn(page, `${url}/console/settings/configuration`);
  await page.getByLabel("device.streamer.desiredFps.default").fill("12");
  await page.getByRole("button", { name: /^Save / }).click();
  await page.waitForSelector(
    'text="Saved, but not running yet. Taking it over restarts only: picture."',
  );
  await screenshot("take-over");
  await page.click('text="Take over now"');
  await page.waitForSelector('text="Taken over: picture"');
  await page.waitForSelector('text="Take over now"', { state: "detached" });
  await untilPicture(watching);
  expect(closed).toBe(0);
  expect(daemon.output.match(/Farhand is ready/g)).toHaveLength(1);
  expect(problems).toEqual([]);
});
