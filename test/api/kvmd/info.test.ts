import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { installKvmdErrors } from "../../../src/api/kvmd/errors.ts";
import { infoRoutes, infoSource } from "../../../src/api/kvmd/info.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createScope } from "../../../src/core/scope.ts";
import { createInfo } from "../../../src/device/info/info.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import { decodeThrottling } from "../../../src/platform/host/parse.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeHost } from "../../support/fake-host.ts";

async function setUp(platform: "linux" | "sim" = "linux") {
  const clock = fakeClock();
  const host = fakeHost();
  const info = createInfo({
    config: {
      meta: { server: { host: "@auto" } },
      name: "",
      color: "auto",
      metaFile: "",
      ignorePastThrottling: false,
      pollSeconds: 5,
    },
    host,
    files: createFileStore(),
    clock,
    log: silentLogger,
    farhand: { version: "0.1.0", platform },
  });
  await info.start(createScope("test", silentLogger));
  const app = Fastify();
  installKvmdErrors(app);
  infoRoutes(app, { info });
  const get = async (query: string) => {
    const { statusCode, headers, body } = await app.inject(`/info${query}`);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    return { status: statusCode, body: JSON.parse(body) };
  };
  return { app, info, host, clock, get };
}

const THROTTLING = {
  ignore_past: false,
  parsed_flags: {
    freq_capped: { now: false, past: false },
    throttled: { now: false, past: false },
    undervoltage: { now: false, past: false },
  },
  raw_flags: 0,
};

const HEALTH = {
  cpu: { percent: 16 },
  mem: { available: 23_867_969_536, percent: 5.6, total: 25_276_514_304 },
  temp: { cpu: 36.511 },
  throttling: THROTTLING,
};

const PLATFORM = {
  base: "Raspberry Pi 4 Model B Rev 1.4",
  board: "rpi4",
  model: "rpi4",
  serial: "10000000ABCDEF01",
  type: "rpi",
  video: null,
};

const SOFTWARE = {
  farhand: { platform: "linux", color: "auto", simulated: false, version: "0.1.0" },
  kernel: { machine: "aarch64", release: "6.12.0-rpi", system: "Linux", version: "#1 SMP" },
  kvmd: { version: "4.197" },
  streamer: { app: "ustreamer", features: {}, version: "" },
};

const OTHERS = {
  auth: { enabled: true },
  fan: { monitored: false, state: null },
  meta: { server: { host: "kvm01" } },
  node: { host: "kvm01" },
  uptime: { parts: { days: 0, hours: 18, minutes: 10, seconds: 25 }, total: 65_425 },
};

describe("GET /info", () => {
  it("answers in the old layout when not asked otherwise", async () => {
    const { status, body } = await (await setUp()).get("");
    expect(status).toBe(200);
    expect(body).toEqual({
      ok: true,
      result: {
        ...OTHERS,
        extras: expect.objectContaining({
          ipmi: expect.objectContaining({ daemon: "kvmd-ipmi", enabled: false, started: false }),
          vnc: expect.objectContaining({ port: 5900, enabled: false, started: false }),
        }),
        hw: { health: HEALTH, platform: PLATFORM },
        system: SOFTWARE,
      },
    });
  });

  it("answers in the present layout on request", async () => {
    const { body } = await (await setUp()).get("?legacy=0");
    expect(Object.keys(body.result)).toEqual([
      "auth",
      "extras",
      "fan",
      "health",
      "meta",
      "node",
      "system",
      "uptime",
    ]);
    expect(body.result.health).toEqual(HEALTH);
    expect(body.result.system).toEqual({ ...SOFTWARE, platform: PLATFORM });
  });

  it.each([
    ["?fields=auth", ["auth"]],
    ["?fields=meta,%20extras", ["extras", "meta"]],
    ["?fields=uptime,auth,uptime&legacy=no", ["auth", "uptime"]],
    ["?fields=HW", ["hw"]],
    ["?fields=hw,health,node", ["hw", "node"]],
    ["?fields=hw,system", ["hw", "system"]],
    ["?fields=health", ["health"]],
  ])("answers %s with %j", async (query, names) => {
    const { status, body } = await (await setUp()).get(query);
    expect(status).toBe(200);
    expect(Object.keys(body.result)).toEqual(names);
  });

  it("moves the platform out of system only when hw is part of the answer", async () => {
    const { get } = await setUp();
    expect((await get("?fields=system")).body.result.system).toHaveProperty("platform");
    expect((await get("?fields=system,hw")).body.result.system).not.toHaveProperty("platform");
  });

  it("takes an empty list for everything", async () => {
    const { get } = await setUp();
    expect((await get("?fields=")).body).toEqual((await get("")).body);
    expect((await get("?fields=&legacy=0")).body).toEqual((await get("?legacy=0")).body);
  });

  it.each([
    ["?fields=bogus", "Failed sub-validator on one of the item of ['bogus']"],
    ["?fields=hw&legacy=0", "Failed sub-validator on one of the item of ['hw']"],
    [
      "?legacy=maybe",
      "The argument 'maybe' is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
    ],
  ])("refuses %s", async (query, message) => {
    const { status, body } = await (await setUp()).get(query);
    expect(status).toBe(400);
    expect(body).toEqual({ ok: false, result: { error: "ValidatorError", error_msg: message } });
  });

  it("shows what changed since the last answer, a second later", async () => {
    const { get, host, clock } = await setUp();
    await get("");
    host.set({ throttling: decodeThrottling(0x5_0001), cpuPercent: 99 });
    host.uptime = 90_061;
    await clock.advance(1000);
    const { hw, uptime } = (await get("")).body.result;
    expect(hw.health.cpu.percent).toBe(99);
    expect(hw.health.throttling).toMatchObject({
      raw_flags: 0x5_0001,
      parsed_flags: {
        undervoltage: { now: true, past: true },
        throttled: { now: false, past: true },
        freq_capped: { now: false, past: false },
      },
    });
    expect(uptime).toEqual({ parts: { days: 1, hours: 1, minutes: 1, seconds: 1 }, total: 90_061 });
  });

  it("answers null for sensors that are absent, in the shape that clients accept", async () => {
    const { get, host } = await setUp();
    host.set({ cpuTemperature: null, cpuPercent: null, memoryTotalBytes: null });
    host.set({ memoryAvailableBytes: null });
    await get("");
    const { body } = await get("?fields=health");
    expect(body.result.health.throttling).toEqual(THROTTLING);
    expect(body.result.health.temp).toHaveProperty("cpu");
  });

  it("shows a fan as PiKVM's fan daemon does", async () => {
    const { get, host, clock } = await setUp();
    host.set({ fan: { speedPercent: 25, pwm: 64, rpm: null, ok: true } });
    await clock.advance(1000);
    expect((await get("?fields=fan")).body.result.fan).toEqual({
      monitored: true,
      state: {
        fan: { last_fail_ts: -1, ok: true, pwm: 64, speed: 25 },
        hall: { available: false, rpm: 0 },
        service: { now_ts: 65_425 },
        temp: { fixed: 36.511, real: 36.511 },
      },
    });
  });

  it("announces a simulated board as such", async () => {
    const { result } = (await (await setUp("sim")).get("")).body;
    expect(result.hw.platform).toMatchObject({ base: "Simulated board", type: "rpi" });
    expect(result.system.farhand).toMatchObject({ platform: "sim", simulated: true });
  });
});

describe("infoSource", () => {
  it("tells a new client every part in an event of its own", async () => {
    const { info } = await setUp();
    const events = infoSource(info).snapshot();
    expect(events.map(({ eventType }) => eventType)).toEqual(events.map(() => "info"));
    expect(events.flatMap(({ event }) => Object.keys(event as object)).sort()).toEqual([
      "auth",
      "extras",
      "fan",
      "health",
      "meta",
      "node",
      "system",
      "uptime",
    ]);
    expect(events.at(-1)?.event).toEqual({ system: { ...SOFTWARE, platform: PLATFORM } });
  });

  it("passes on changes part by part while watched", async () => {
    const { info, host, clock } = await setUp();
    const seen: [string, string, unknown][] = [];
    const stop = infoSource(info).watch((...change) => {
      seen.push(change);
    });
    host.uptime += 5;
    host.rename("other");
    host.set({ cpuPercent: 50 });
    await clock.advance(5000);
    expect(seen.map(([key, type]) => `${key} ${type}`).sort()).toEqual([
      "info:health info",
      "info:meta info",
      "info:node info",
      "info:uptime info",
    ]);
    expect(seen.find(([key]) => key === "info:node")?.[2]).toEqual({ node: { host: "other" } });
    stop();
    seen.length = 0;
    host.uptime += 5;
    await clock.advance(5000);
    await info.refresh();
    expect(seen).toEqual([]);
  });

  it("does not report a fan whose reading is the same", async () => {
    const { info, host, clock } = await setUp();
    host.set({ fan: { speedPercent: 25, pwm: 64, rpm: 900, ok: true } });
    const keys: string[] = [];
    const stop = infoSource(info).watch((key) => {
      keys.push(key);
    });
    await clock.advance(5000);
    host.uptime += 5;
    await clock.advance(5000);
    stop();
    expect(keys.filter((key) => key === "info:fan")).toHaveLength(1);
  });
});
