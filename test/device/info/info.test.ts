import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { InfoConfig } from "../../../src/config/schema.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createScope } from "../../../src/core/scope.ts";
import type { Scope } from "../../../src/core/scope.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { createInfo } from "../../../src/device/info/info.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { tempDir } from "../../support/temp-dir.ts";

const CONFIG: InfoConfig = {
  meta: { server: { host: "@auto" }, kvm: {} },
  name: "",
  color: "auto",
  metaFile: "",
  ignorePastThrottling: false,
  pollSeconds: 5,
};

let scope: Scope | undefined;

afterEach(() => scope?.close());

function setUp(config: Partial<InfoConfig> = {}, host = fakeHost()) {
  const clock = fakeClock();
  const streamer = createStore({ app: "ustreamer", version: "", features: {} });
  const info = createInfo({
    streamer,
    config: { ...CONFIG, ...config },
    host,
    files: createFileStore(),
    clock,
    log: silentLogger,
    farhand: { version: "0.1.0", platform: "linux" },
  });
  const start = async (): Promise<void> => {
    scope = createScope("test", silentLogger);
    await info.start(scope);
  };
  return { info, host, clock, start, streamer };
}

describe("identity of createInfo", () => {
  it("names board and serial number once it is started", async () => {
    const { info, start } = setUp();
    expect(info.state.value.ready).toBe(false);
    await start();
    expect(info.state.value).toEqual({ ready: true, board: "Raspberry Pi 4 Model B Rev 1.4" });
    expect(info.system.value).toMatchObject({
      board: { preset: "rpi4", serial: "10000000abcdef01" },
      farhand: { version: "0.1.0", platform: "linux" },
      kernel: { machine: "aarch64" },
    });
  });

  it("has words for a board without a name", async () => {
    const { info, start } = setUp({}, fakeHost({ model: null, preset: "generic" }));
    await start();
    expect(info.system.value.board.model).toBe("Unknown board (aarch64)");
  });

  it("starts even when the board cannot be identified", async () => {
    const host = fakeHost();
    host.identity = () => Promise.reject(new Error("unreadable"));
    const { info, start } = setUp({}, host);
    await start();
    expect(info.state.value.ready).toBe(false);
    expect(info.system.value.board.serial).not.toBe("");
  });

  it("takes the streamer's facts without touching the rest", async () => {
    const { info, start, streamer } = setUp();
    await start();
    streamer.set({ app: "ustreamer", version: "6.62", features: { WITH_GPIO: true } });
    expect(info.system.value.streamer.version).toBe("6.62");
    expect(info.system.value.board.preset).toBe("rpi4");
  });
});

describe("health of createInfo", () => {
  it("is read at the start", async () => {
    const { info, start } = setUp();
    await start();
    await until(info.health, ({ cpuPercent }) => cpuPercent === 16);
    expect(info.health.value.memoryTotalBytes).toBe(25_276_514_304);
  });

  it("is read at most once a second, and once for callers at the same time", async () => {
    const { info, host, clock } = setUp();
    await Promise.all([info.refresh(), info.refresh()]);
    await clock.advance(999);
    await info.refresh();
    expect(host.readings).toBe(1);
    await clock.advance(1);
    await info.refresh();
    expect(host.readings).toBe(2);
  });

  it("is read again soon while the load is not known yet", async () => {
    const { info, host, clock } = setUp();
    host.set({ cpuPercent: null });
    await info.refresh();
    host.set({ cpuPercent: 7 });
    await clock.advance(100);
    await info.refresh();
    expect(info.health.value.cpuPercent).toBe(7);
  });

  it("keeps the last reading when a reading fails", async () => {
    const { info, host, clock } = setUp();
    await info.refresh();
    host.breakHealth(new Error("no sensor"));
    await clock.advance(1000);
    await expect(info.refresh()).resolves.toBeUndefined();
    expect(info.health.value.cpuPercent).toBe(16);
  });

  it("is sampled only while somebody watches", async () => {
    const { info, host, clock } = setUp({ pollSeconds: 2 });
    await clock.advance(60_000);
    expect(host.readings).toBe(0);
    const stopFirst = info.watch();
    const stopSecond = info.watch();
    await clock.advance(4000);
    expect(host.readings).toBe(3);
    stopFirst();
    stopFirst();
    await clock.advance(2000);
    expect(host.readings).toBe(4);
    stopSecond();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(host.readings).toBe(4);
    info.watch()();
    expect(host.readings).toBe(5);
  });

  it("says whether clients shall ignore past throttling", () => {
    expect(setUp({ ignorePastThrottling: true }).info.health.value.ignorePastThrottling).toBe(true);
  });
});

describe("uptime of createInfo", () => {
  it("moves every five seconds while somebody watches, however rarely health is read", async () => {
    const { info, host, clock } = setUp({ pollSeconds: 3600 });
    const stop = info.watch();
    host.uptime += 5;
    await clock.advance(5000);
    expect(info.uptime.value).toEqual({ totalSeconds: 65_430 });
    stop();
  });
});

describe("fan of createInfo", () => {
  const turning = { speedPercent: 30, pwm: 77, rpm: 1500, ok: true };

  it("is null without one", async () => {
    const { info } = setUp();
    await info.refresh();
    expect(info.fan.value).toBeNull();
  });

  it("remembers when it last stood still", async () => {
    const { info, host, clock } = setUp();
    host.set({ fan: turning });
    await info.refresh();
    expect(info.fan.value).toMatchObject({ reading: turning, lastFailureSeconds: null });
    host.set({ fan: { ...turning, rpm: 0, ok: false } });
    host.uptime = 70_000;
    await clock.advance(1000);
    await info.refresh();
    host.set({ fan: turning });
    host.uptime = 70_010;
    await clock.advance(1000);
    await info.refresh();
    expect(info.fan.value).toMatchObject({ lastFailureSeconds: 70_000, readAtSeconds: 70_010 });
  });
});

describe("metadata of createInfo", () => {
  it("is called what the configuration says, whatever the host is called", async () => {
    const { info, host } = setUp({ name: "Rack 3" });
    expect(info.meta.value).toMatchObject({ server: { host: "Rack 3" } });
    expect(info.node.value.host).toBe("kvm01");
    host.rename("other");
    await info.refresh();
    expect(info.meta.value).toMatchObject({ server: { host: "Rack 3" } });
    const own = setUp({ name: "Rack 3", meta: { server: { host: "mine" } } });
    expect(own.info.meta.value).toMatchObject({ server: { host: "mine" } });
  });

  it("puts the host name in place of @auto, also after it changed", async () => {
    const { info, host } = setUp();
    expect(info.meta.value).toEqual({ server: { host: "kvm01" }, kvm: {} });
    host.rename("other");
    await info.refresh();
    expect(info.node.value).toEqual({ host: "other" });
    expect(info.meta.value).toEqual({ server: { host: "other" }, kvm: {} });
  });

  it("leaves trees without a server alone", () => {
    expect(setUp({ meta: { notes: ["a"] } }).info.meta.value).toEqual({ notes: ["a"] });
  });

  it("comes from a file when there is one, and follows its changes", async () => {
    const metaFile = `${tempDir()}/meta.yaml`;
    writeFileSync(metaFile, "server:\n  host: '@auto'\nkvm: {}\n");
    const { info, start } = setUp({ metaFile });
    await start();
    expect(info.meta.value).toEqual({ server: { host: "kvm01" }, kvm: {} });
    await createFileStore().writeAtomic(metaFile, "server:\n  host: rack7\n");
    await until(info.meta, (meta) => JSON.stringify(meta) === '{"server":{"host":"rack7"}}');
    expect(info.meta.value).toEqual({ server: { host: "rack7" } });
  });

  it.each([
    ["missing", undefined],
    ["no YAML", "a: [1"],
    ["no tree", "- 1\n- 2\n"],
    ["a tree that contains itself", "a: &a\n  b: *a\n"],
  ])("is null when the file is %s", async (_what, content) => {
    const metaFile = `${tempDir()}/meta.yaml`;
    if (content !== undefined) writeFileSync(metaFile, content);
    const { info, start } = setUp({ metaFile });
    await start();
    expect(info.meta.value).toBeNull();
  });
});
