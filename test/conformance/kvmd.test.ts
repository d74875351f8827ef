// Replays what a PiKVM daemon (4.197) was asked and compares our answers with its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { compareAnswers, titleOf } from "./compare.ts";
import { DEVIATIONS } from "./deviations.ts";
import type { Deviation } from "./deviations.ts";
import { recordedGroups } from "./recorded-case.ts";
import type { RecordedCase } from "./recorded-case.ts";

/** The configuration of the recorded daemon, as far as it has a counterpart. */
const CONFIG = {
  auth: {
    initialUser: "admin",
    initialPassword: "admin",
    throttle: { freeAttempts: 1000 },
  },
  device: {
    atx: { clickSeconds: 0.05, longClickSeconds: 0.3 },
    info: { meta: { server: { host: "@auto" } } },
    // No text recognition there, and no picture worth waiting for.
    streamer: { snapshot: { timeoutSeconds: 0.5 }, ocr: { enabled: false } },
    gpio: {
      scheme: {
        __v3_usb_breaker__: { pin: 5, mode: "output", initial: true, pulse: false },
        led1: { pin: 19, mode: "input" },
        "led-two.x": { pin: 20, mode: "input", inverted: true },
        button1: { pin: 26, mode: "output", switch: false },
        relay1: { pin: 21, mode: "output", pulse: { delay: 2, max_delay: 5 } },
        const1: { pin: 6, mode: "output", switch: false, pulse: false },
      },
      view: {
        header: { title: ["#Sw", "led1|blue", "button1"] },
        table: [
          ["#Generic"],
          [],
          ["#T1:", "led1", "button1|confirm,hide|Boop"],
          ["nochan", "relay1|Relay", "const1|Konst", ""],
        ],
      },
    },
  },
};

/** The storage of the recorded daemon. */
const IMAGES = { "a.iso": 1_048_576, "flash.img": 4096, "sub/b.img": 100, "sub/new.img": 70_000 };

function plantImages(dataDir: string): void {
  for (const [name, size] of Object.entries(IMAGES)) {
    const path = join(dataDir, "images", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.alloc(size));
  }
}

const HEADERS = { "X-KVMD-User": "admin", "X-KVMD-Passwd": "admin" };

const buttonIsFree = ({ device }: TestApp) => until(device.atx.state, ({ acts }) => !acts.power);
const driveIsThere = ({ device }: TestApp) => until(device.msd.state, ({ online }) => online);

/** What a case needs and the recording does not contain, by title or group. */
const PREPARATIONS: Readonly<Record<string, (test: TestApp) => Promise<unknown>>> = {
  hid: ({ device }) => until(device.hid.state, ({ online, busy }) => online && !busy),
  msd: driveIsThere,
  redfish: driveIsThere,
  "redfish/reset PushPowerButton": (test) =>
    test.call("POST", "/api/atx/click?button=power", { headers: HEADERS }),
  "redfish/reset On": buttonIsFree,
  "redfish/reset ForceOff": buttonIsFree,
  "redfish/reset GracefulShutdown": buttonIsFree,
  "redfish/reset ForceRestart": buttonIsFree,
  "msd/state after insert": (test) =>
    test.call("POST", "/api/msd/set_params?image=a.iso&cdrom=0", { headers: HEADERS }),
  "atx/POST /atx/click?button=reset": (test) =>
    test.call("POST", "/api/atx/click?button=reset", { headers: HEADERS }),
  "atx/two clicks at once: second": buttonIsFree,
  "atx/power off when already off": ({ device }) =>
    until(device.atx.state, ({ acts, leds }) => !acts.power && !leds.power),
  "gpio/POST /gpio/pulse?channel=relay1": (test) =>
    test.call("POST", "/api/gpio/pulse?channel=relay1", { headers: HEADERS }),
};

/** Body and its type as the recorder sent them. */
function payload({ request }: RecordedCase): { type?: string; body?: string } {
  const { body, json } = request;
  if (json !== undefined) return { type: "application/json", body: JSON.stringify(json) };
  if (body === undefined) return {};
  if (typeof body === "string") return { type: "text/plain; charset=utf-8", body };
  return {
    type: "application/x-www-form-urlencoded",
    body: new URLSearchParams(body).toString(),
  };
}

/** Replays one case; `token` stands in for the recorded session. */
async function replay(
  test: TestApp,
  recorded: RecordedCase,
  token: string,
): Promise<{ readonly differences: readonly string[]; readonly cookie: string | undefined }> {
  const { method, path, headers } = recorded.request;
  const { type, body } = payload(recorded);
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, value.replace("<token>", token)] as const,
  );
  const reply = await test.call(method, path, {
    headers: {
      ...Object.fromEntries(entries),
      ...(type === undefined ? {} : { "Content-Type": type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return {
    differences: compareAnswers(recorded, reply),
    cookie: /auth_token=([0-9a-f]{64})/.exec(reply.headers["set-cookie"] ?? "")?.[1],
  };
}

function fits(deviation: Deviation, title: string, difference: string): boolean {
  const [head = "", ...rest] = deviation.case.split("*");
  const isCase =
    rest.length === 0
      ? title === head
      : title.startsWith(head) && title.endsWith(rest[rest.length - 1] ?? "");
  return isCase && difference.startsWith(deviation.difference);
}

const seen = new Set<Deviation>();

function unexplained(title: string, differences: readonly string[]): readonly string[] {
  return differences.filter((difference) => {
    const deviation = DEVIATIONS.find((row) => fits(row, title, difference));
    if (deviation !== undefined) seen.add(deviation);
    return deviation === undefined;
  });
}

describe.each(recordedGroups())("recorded %s", (group, cases) => {
  let test: TestApp;
  let token = "";
  let close = (): Promise<void> => Promise.resolve();

  // One daemon for the whole file, as in the recording: later cases build on earlier ones.
  beforeAll(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "farhand-recorded-"));
    plantImages(dataDir);
    test = await createTestApp({
      dataDir,
      config: CONFIG,
      seed: { isOn: false },
      prepare: async ({ host }) => {
        host.setHealth({ fan: null });
        // The first reading of the processor load has nothing to compare with.
        await host.health();
      },
      onClose: (release) => {
        close = async () => {
          await release();
          rmSync(dataDir, { recursive: true });
        };
      },
    });
  });

  afterAll(() => close());

  it.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    "%s",
    async (_, recorded) => {
      const title = titleOf(recorded);
      await (PREPARATIONS[title] ?? PREPARATIONS[group])?.(test);
      const { differences, cookie } = await replay(test, recorded, token);
      token = cookie ?? token;
      expect(unexplained(title, differences)).toEqual([]);
    },
  );
});

describe("the table of deviations", () => {
  it("has no row that does not happen any more", () => {
    const stale = DEVIATIONS.filter((row) => !seen.has(row));
    expect(stale.map((row) => `${row.case}: ${row.difference}`)).toEqual([]);
  });
});
