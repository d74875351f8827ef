import { describe, expect, it } from "vitest";
import { describeError } from "../../src/core/errors.ts";
import { BackendType, StatType } from "../../src/protocol/pasarguard/messages.ts";
import {
  CoreCallError,
  CoreDownError,
  CoreStartError,
  IncompleteRequestError,
  LatencyError,
  ProxyNotStartedError,
  UserUnseenError,
} from "../../src/proxy/proxy-errors.ts";
import { panelConfig, panelUser, proxyFixture, startRequest } from "../support/proxy-fixture.ts";

const NEVER = new AbortController().signal;

describe("Proxy.start", () => {
  it("launches the core with the panel's users and tells its version", async () => {
    const { proxy, core } = proxyFixture();
    expect(proxy.info()).toEqual({ started: false, coreVersion: "" });
    const info = await proxy.start(startRequest(), NEVER);
    expect(info).toEqual({ started: true, coreVersion: "26.1.2" });
    expect(core.latest.core.usersOf("vless")).toEqual(["42"]);
    expect(core.commands[0]?.slice(-3)).toEqual(["/usr/bin/xray", "-c", "stdin:"]);
  });

  it("says what is missing where there is no core", async () => {
    const { proxy, core, start } = proxyFixture();
    core.programs.delete("xray");
    await expect(start()).rejects.toThrow(/no xray core on this node: install xray/);
    expect(proxy.info()).toEqual({ started: false, coreVersion: "" });
  });

  it("says which configured program cannot be run", async () => {
    const { start } = proxyFixture({ core: { path: "/opt/xray" } });
    await expect(start()).rejects.toThrow("/opt/xray is not a program that can be run");
  });

  it("passes on why the core ended, and leaves nothing behind", async () => {
    const { proxy, core, start } = proxyFixture();
    core.failWith = "failed to load config files: bad thing";
    const refusal = start();
    await expect(refusal).rejects.toThrow(CoreStartError);
    await expect(refusal).rejects.toThrow(
      "failed to start xray: Failed to start: failed to load config files: bad thing",
    );
    expect(proxy.state).toBe("absent");
    expect(() => proxy.demandCore()).toThrow(ProxyNotStartedError);
  });

  it("refuses kinds of backends that it does not have", async () => {
    const { start } = proxyFixture();
    await expect(start({ type: BackendType.WIREGUARD })).rejects.toThrow("invalid backend type");
    await expect(start({ type: 7 })).rejects.toThrow("invalid backend type");
  });

  it("replaces the core that runs, whoever has started it", async () => {
    const { core, start } = proxyFixture();
    await start();
    await start({ users: [panelUser("7")] });
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, true]);
    expect(core.latest.core.usersOf("vmess")).toEqual(["7"]);
  });

  it("ends the old core even when the new one cannot start", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await expect(start({ config: "{" })).rejects.toThrow("invalid config");
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false]);
    expect(proxy.info()).toEqual({ started: false, coreVersion: "" });
  });

  it("runs starts one after the other and lets panels wait meanwhile", async () => {
    const { proxy, core, start } = proxyFixture();
    const starts = [start(), start(), start()];
    expect(proxy.state).toBe("starting");
    expect(() => proxy.demandCore()).toThrow(CoreDownError);
    await Promise.all(starts);
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, false, true]);
  });

  it("ends what it has started when the caller goes away", async () => {
    const { proxy, core, clock } = proxyFixture();
    const caller = new AbortController();
    const outcome = proxy.start(startRequest(), caller.signal).catch(describeError);
    caller.abort();
    await clock.advance(200);
    expect(await outcome).toBe("context cancelled");
    expect(core.lives.filter(({ isRunning }) => isRunning)).toEqual([]);
    expect(proxy.state).toBe("absent");
  });

  it("leaves the running core alone when a caller went away before its turn", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await expect(proxy.start(startRequest(), AbortSignal.abort())).rejects.toThrow(
      "context cancelled",
    );
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([true]);
  });

  it("gives up on a core whose API never answers", async () => {
    const { clock, core, start } = proxyFixture();
    core.isSilent = true;
    const outcome = start().catch(describeError);
    await clock.advance(70_000);
    expect(await outcome).toMatch("context timeout");
    expect(core.latest.isRunning).toBe(false);
  });
});

describe("Proxy without a core", () => {
  it("refuses every call that needs one with the phrase that panels know", async () => {
    const { proxy } = proxyFixture();
    const text = "backend not initialized";
    await expect(proxy.stop()).rejects.toThrow(text);
    await expect(proxy.backendStats()).rejects.toThrow(text);
    await expect(proxy.systemStats()).rejects.toThrow(text);
    await expect(proxy.syncUser(panelUser("42"))).rejects.toThrow(text);
    await expect(proxy.replaceUsers([])).rejects.toThrow(text);
    await expect(proxy.stats({ name: "", reset: false, type: 0 })).rejects.toThrow(text);
    expect(() => proxy.log).toThrow(text);
    expect(await proxy.latencies("")).toBeUndefined();
  });

  it("is what Stop leaves behind", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await proxy.stop();
    expect(core.latest.isRunning).toBe(false);
    await expect(proxy.stop()).rejects.toThrow(ProxyNotStartedError);
  });
});

describe("Proxy with a core that ends by itself", () => {
  it("lets panels wait, then has it back with its present users", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    await proxy.syncUser(panelUser("43"));
    core.latest.crash();
    await clock.advance(100);
    expect(proxy.info()).toEqual({ started: false, coreVersion: "26.1.2" });
    await expect(proxy.backendStats()).rejects.toThrow("core is not started yet");
    await clock.advance(1500);
    expect(proxy.state).toBe("up");
    expect(core.lives).toHaveLength(2);
    expect(core.latest.core.usersOf("trojan")).toEqual(["42", "43"]);
  });

  it("tries again for ever, ever more rarely", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    core.failWith = "no";
    core.latest.crash();
    await clock.advance(600_000);
    expect(core.lives.length).toBeGreaterThan(15);
    expect(core.lives.length).toBeLessThan(30);
    core.failWith = undefined;
    await clock.advance(35_000);
    expect(proxy.state).toBe("up");
  });

  it("is not started again after a Stop", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    core.latest.crash();
    await clock.advance(100);
    await proxy.close();
    await clock.advance(60_000);
    expect(core.lives).toHaveLength(1);
    await expect(start()).rejects.toThrow("shutting down");
  });

  it("is started again when it lives on without answering", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start();
    core.latest.core.isHanging = true;
    await expect(proxy.backendStats()).rejects.toThrow(/^failed to get sys stats: /);
    await clock.advance(15_000);
    expect(core.lives).toHaveLength(1);
    await clock.advance(10_000);
    expect(core.lives.map(({ isRunning }) => isRunning)).toEqual([false, true]);
  });
});

describe("the keep-alive", () => {
  it("ends the core when the panel is silent, at the latest five seconds late", async () => {
    const { proxy, core, clock, start } = proxyFixture();
    await start({ keepAlive: 10n });
    await clock.advance(9000);
    expect(core.latest.isRunning).toBe(true);
    proxy.noteSuccess();
    await clock.advance(9000);
    expect(core.latest.isRunning).toBe(true);
    await clock.advance(6000);
    expect(core.latest.isRunning).toBe(false);
    await expect(proxy.backendStats()).rejects.toThrow("backend not initialized");
  });

  it("is off without a number", async () => {
    const { core, clock, start } = proxyFixture();
    await start();
    await clock.advance(3_600_000);
    expect(core.latest.isRunning).toBe(true);
  });
});

describe("figures", () => {
  it("of the core are passed on", async () => {
    const { proxy, start } = proxyFixture();
    await start();
    expect(await proxy.backendStats()).toMatchObject({ numGoroutine: 7, alloc: 1_000_000n });
  });

  it("of the machine come with the core's uptime", async () => {
    const { proxy, clock, start } = proxyFixture({
      files: {
        "/proc/stat": "cpu  10 0 10 80 0 0 0 0 0 0\ncpu0 5 0 5 40\ncpu1 5 0 5 40\n",
        "/proc/meminfo": "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\n",
        "/proc/net/dev":
          "  eth0: 100 1 0 0 0 0 0 0 200 1 0 0 0 0 0 0\n    lo: 5 1 0 0 0 0 0 0 5 1\n",
      },
    });
    await start();
    await clock.advance(10);
    expect(await proxy.systemStats()).toMatchObject({
      memTotal: 1_024_000n,
      memUsed: 614_400n,
      cpuCores: 2n,
      uptime: 5n,
    });
  });

  it("of users' addresses are told, and refused for those never seen", async () => {
    const { proxy, start } = proxyFixture();
    await start({ config: panelConfig({ online: { "42": { "192.0.2.1": 5, "192.0.2.2": 6 } } }) });
    expect(await proxy.onlineCount("42")).toBe(2n);
    expect(await proxy.onlineAddresses("42")).toEqual(
      new Map([
        ["192.0.2.1", 5n],
        ["192.0.2.2", 6n],
      ]),
    );
    await expect(proxy.onlineCount("43")).rejects.toThrow(UserUnseenError);
    await expect(proxy.onlineAddresses("43")).rejects.toThrow("user>>>43>>>online not found.");
    await expect(proxy.onlineCount("")).rejects.toThrow(IncompleteRequestError);
  });

  it("of latencies leave out outbounds that lead nowhere", async () => {
    const { proxy, core, start } = proxyFixture();
    await start();
    await expect(proxy.latencies("")).rejects.toThrow("xray outbound latency is not available");
    core.vars = JSON.stringify({ observatory: { direct: { delay: 3 }, block: {} } });
    expect(await proxy.latencies("")).toMatchObject([{ name: "direct", delayMs: 3 }]);
    expect(await proxy.latencies("other")).toEqual([]);
    core.vars = "<html>";
    await expect(proxy.latencies("")).rejects.toThrow(LatencyError);
  });

  it("that an old core does not have are refused as that core refuses them", async () => {
    const { proxy, start } = proxyFixture({ family: "v2ray" });
    await start();
    expect(proxy.info().coreVersion).toBe("4.34.0");
    await proxy.syncUser(panelUser("43", ["vmess"]));
    const stats = proxy.stats({ name: "x", reset: false, type: StatType.UserStat });
    expect((await stats).stats).toEqual([]);
    await expect(proxy.onlineCount("42")).rejects.toThrow(CoreCallError);
  });
});
