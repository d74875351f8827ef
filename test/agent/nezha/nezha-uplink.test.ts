import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { parseNezhaServer } from "../../../src/agent/nezha/nezha-uplink.ts";
import type { NezhaUplinkOptions } from "../../../src/agent/nezha/nezha-uplink.ts";
import { STOPPED } from "../../../src/agent/uplink.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { TASK_TYPE } from "../../../src/protocol/nezha/service.ts";
import { sampleOf } from "../../support/agent-sample.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { IDENTITY, SECRET, UUID, startNezhaAgent } from "../../support/nezha-agent.ts";
import type { RunningAgent } from "../../support/nezha-agent.ts";
import { startNezhaDashboard } from "../../support/nezha-dashboard.ts";
import type {
  DashboardEdition,
  DashboardOptions,
  NezhaDashboard,
} from "../../support/nezha-dashboard.ts";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function dashboard(
  edition: DashboardEdition,
  part: Partial<DashboardOptions> = {},
): Promise<NezhaDashboard> {
  const started = await startNezhaDashboard({ edition, secret: SECRET, ...part });
  closers.push(() => {
    started.close();
  });
  return started;
}

function agent(port: number, part: Partial<NezhaUplinkOptions> = {}): RunningAgent {
  const started = startNezhaAgent(port, part);
  closers.push(() => started.stop());
  return started;
}

const isOnline = ({ phase }: { readonly phase: string }): boolean => phase === "online";
const EDITIONS: readonly DashboardEdition[] = ["v0.20", "v1.0.0", "v1.0.21", "v2"];

describe("Nezha uplink", () => {
  it.each(EDITIONS)(
    "finds out the dialect of a dashboard %s and reports to it",
    async (edition) => {
      const peer = await dashboard(edition);
      const { uplink } = agent(peer.port);
      await until(uplink.state, isOnline);
      await until(peer.told, ({ states, channels }) => states.length >= 3 && channels === 1);
      const generation = edition === "v0.20" ? "v0" : "v1";
      expect(uplink.state.value).toEqual({
        phase: "online",
        dialect: `nezha ${generation}`,
        transport: "grpc",
        problem: null,
      });
      expect(peer.told.value.hosts[0]).toMatchObject({
        platform: "debian",
        platformVersion: "13.1",
        cpu: ["Cortex-A72 4 Physical Core"],
        memTotal: 1000,
        diskTotal: 9000,
        swapTotal: 200,
        bootTime: 1_767_225_600,
        version: "0.1.0",
      });
      expect(peer.told.value.states[0]).toMatchObject({
        cpu: 12.5,
        memUsed: 400,
        netInTransfer: 7000,
        uptime: 86_400,
        load15: 0.125,
        processCount: 13,
      });
    },
  );

  it.each(EDITIONS)("takes a task of a dashboard %s and returns its result", async (edition) => {
    const peer = await dashboard(edition);
    agent(peer.port);
    await until(peer.told, ({ channels }) => channels === 1);
    peer.sendTask({ id: 7, type: TASK_TYPE.tcpPing, data: "[2001:db8::1]:443" });
    const { results } = await until(peer.told, (told) => told.results.some(({ id }) => id === 7));
    expect(results.find(({ id }) => id === 7)).toEqual({
      id: 7,
      type: TASK_TYPE.tcpPing,
      delay: 12.5,
      data: "",
      successful: true,
    });
  });

  it("sends no report of the wrong generation while it finds out", async () => {
    const peer = await dashboard("v0.20");
    const { uplink } = agent(peer.port);
    await until(uplink.state, isOnline);
    expect(peer.told.value.hosts.every(({ version, ip }) => version === "0.1.0" && ip === "")).toBe(
      true,
    );
  });

  it("tries nothing when the generation is configured", async () => {
    const peer = await dashboard("v0.20");
    agent(peer.port, { generation: "v0", reportsAddress: false });
    await until(peer.told, ({ states }) => states.length >= 2);
    expect(new Set(peer.told.value.calls)).toEqual(
      new Set(["ReportSystemInfo", "RequestTask", "ReportSystemState"]),
    );
    expect(peer.told.value.uuids).toEqual([]);
  });

  it("reports nothing to a dashboard that is older than configured", async () => {
    const peer = await dashboard("v0.20");
    const { uplink } = agent(peer.port, { generation: "v1", clock: fakeClock() });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toBe("This is no dashboard of v1 or later: should 'generation' be v0?");
    expect(peer.told.value.hosts).toHaveLength(0);
  });

  it("waits for the receipt of a report before the next one", async () => {
    const peer = await dashboard("v2");
    peer.confirms = false;
    const clock = fakeClock();
    agent(peer.port, { clock });
    await until(peer.told, ({ states }) => states.length === 1);
    await clock.advance(5000);
    expect(peer.told.value.states).toHaveLength(1);
  });

  it("gives up a line on which no receipt comes, and reports again over a new one", async () => {
    const peer = await dashboard("v2");
    peer.confirms = false;
    const clock = fakeClock();
    const { uplink } = agent(peer.port, { clock });
    await until(peer.told, ({ states }) => states.length === 1);
    await clock.advance(12_000);
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toBe("The dashboard has not confirmed a report");
    peer.confirms = true;
    await clock.advance(3000);
    await until(uplink.state, isOnline);
    expect(peer.told.value.channels).toBe(2);
  });

  it("comes back after a restart of the dashboard and describes the machine again", async () => {
    const first = await dashboard("v2", { bootTime: 1 });
    const clock = fakeClock();
    const { uplink } = agent(first.port, { clock });
    await until(uplink.state, isOnline);
    await until(first.told, ({ addresses }) => addresses.length === 1);
    first.close();
    await until(uplink.state, ({ phase }) => phase === "waiting");
    const second = await dashboard("v2", { port: first.port, bootTime: 2 });
    await clock.advance(3000);
    await until(uplink.state, isOnline);
    const { hosts } = await until(second.told, ({ addresses }) => addresses.length === 1);
    expect(hosts).toHaveLength(1);
  });

  it("does not repeat its address to a dashboard that did not restart", async () => {
    const first = await dashboard("v2", { bootTime: 1 });
    const clock = fakeClock();
    const { uplink } = agent(first.port, { clock });
    await until(first.told, ({ addresses }) => addresses.length === 1);
    first.endSessions();
    await until(uplink.state, ({ phase }) => phase === "waiting");
    await clock.advance(3000);
    await until(uplink.state, isOnline);
    await until(first.told, ({ channels }) => channels === 2);
    expect(first.told.value.addresses).toHaveLength(1);
  });

  it("tells of a refused secret, and seldom asks again", async () => {
    const peer = await dashboard("v2");
    const clock = fakeClock();
    const { uplink } = agent(peer.port, { clock, secret: "wrong" });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toContain("refuses the secret or the identity of this machine");
    const before = peer.told.value.calls.length;
    await clock.advance(14_000);
    expect(peer.told.value.calls).toHaveLength(before);
    expect(peer.told.value.states).toHaveLength(0);
  });

  it("notices a refusal that shows on the streams only", async () => {
    const peer = await dashboard("v2", { ignoresSecretOfHost: true });
    const { uplink } = agent(peer.port, { secret: "wrong", clock: fakeClock() });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toContain("refuses the secret");
  });

  it("asks whether another machine has its identity when the dashboard keeps ending sessions", async () => {
    const peer = await dashboard("v2");
    const clock = fakeClock();
    const { uplink } = agent(peer.port, { clock });
    for (let round = 0; round < 3; round += 1) {
      await until(uplink.state, isOnline);
      peer.endSessions(status.UNKNOWN);
      await until(uplink.state, ({ phase }) => phase === "waiting");
      await clock.advance(40_000);
    }
    await until(uplink.state, isOnline);
    peer.endSessions(status.UNKNOWN);
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toContain("Does another machine report under the same identity?");
  });

  it("describes the machine again when its health changes, but not at once", async () => {
    const peer = await dashboard("v2");
    const clock = fakeClock();
    const rests = createStore(0);
    const counting: Clock = {
      ...clock,
      setTimer(delayMs, callback) {
        if (delayMs === 1000) rests.set(rests.value + 1);
        return clock.setTimer(delayMs, callback);
      },
    };
    const { health } = agent(peer.port, { clock: counting, intervalMs: 1000 });
    await until(rests, (count) => count === 1);
    health.set("undervoltage");
    for (let second = 1; second <= 14; second += 1) {
      await clock.advance(1000);
      // A report was confirmed, and the agent rests until the next.
      await until(rests, (count) => count === second + 1);
    }
    expect(peer.told.value.hosts).toHaveLength(1);
    await clock.advance(2000);
    const { hosts } = await until(peer.told, (told) => told.hosts.length === 2);
    expect(hosts[1]?.platformVersion).toBe("13.1 · undervoltage");
  });

  it("averages over what happened between two reports", async () => {
    const peer = await dashboard("v2");
    const clock = fakeClock();
    const options = { clock, intervalMs: 3000, reportsAddress: false };
    const { samples, uplink } = agent(peer.port, options);
    await until(uplink.state, isOnline);
    samples.set(
      sampleOf({ monotonicMs: 4000, cpuPercent: 0, cpuTicks: { busy: 275, total: 1300 } }),
    );
    await clock.advance(3000);
    const { states } = await until(peer.told, (told) => told.states.length === 2);
    expect(states[1]?.cpu).toBe(50);
  });

  it("says nothing of its address when told not to", async () => {
    const peer = await dashboard("v2");
    agent(peer.port, { reportsAddress: false });
    await until(peer.told, ({ states }) => states.length >= 3);
    expect(peer.told.value.calls).not.toContain("ReportGeoIP");
  });

  it("reports a new address", async () => {
    const peer = await dashboard("v2");
    const { facts } = agent(peer.port);
    await until(peer.told, ({ addresses }) => addresses.length === 1);
    facts.set({ ...facts.value, ipv4: "203.0.113.9", ipv6: "2001:db8::9" });
    const { addresses } = await until(peer.told, (told) => told.addresses.length === 2);
    expect(addresses[1]).toEqual({ ipv4: "203.0.113.9", ipv6: "2001:db8::9" });
  });

  it("gives a v0 dashboard both addresses with the host, and asks for the country of one", async () => {
    const peer = await dashboard("v0.20");
    const { facts } = agent(peer.port);
    facts.set({ ...facts.value, ipv4: "203.0.113.9", ipv6: "2001:db8::9" });
    const { hosts, addresses } = await until(peer.told, (told) => told.addresses.length === 1);
    expect(hosts.at(-1)?.ip).toBe("203.0.113.9/2001:db8::9");
    expect(addresses[0]?.ipv4).toBe("203.0.113.9");
  });

  it("uses the uuid that it is given, in lower case", async () => {
    const peer = await dashboard("v2");
    const { uplink } = agent(peer.port, { uuid: UUID.toUpperCase() });
    await until(uplink.state, isOnline);
    expect(peer.told.value.uuids).toEqual([UUID]);
  });

  it("makes an identity once and keeps it", async () => {
    const peer = await dashboard("v2");
    const files = memoryFiles();
    const first = startNezhaAgent(peer.port, { uuid: "", files });
    await until(first.uplink.state, isOnline);
    await first.stop();
    const second = agent(peer.port, { uuid: "", files });
    await until(second.uplink.state, isOnline);
    expect(peer.told.value.uuids).toEqual([files.content(IDENTITY)?.trim()]);
    expect(files.mode(IDENTITY)).toBe(0o600);
  });

  it("does not report under an identity that it cannot keep", async () => {
    const peer = await dashboard("v2");
    const files = memoryFiles();
    files.writeError = "read-only file system";
    const { uplink } = agent(peer.port, { uuid: "", files, clock: fakeClock() });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toContain("read-only file system");
    expect(peer.told.value.calls).toEqual([]);
  });

  it("says when there is no dashboard at the other end", async () => {
    const peer = await dashboard("v2");
    peer.close();
    const { uplink } = agent(peer.port, { clock: fakeClock() });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toBe(`127.0.0.1:${peer.port} refuses the connection`);
  });

  it("warns once about the same problem", async () => {
    const peer = await dashboard("v2");
    peer.close();
    const clock = fakeClock();
    const log = recordingLogger();
    const { uplink } = agent(peer.port, { clock, log });
    await until(uplink.state, ({ phase }) => phase === "waiting");
    const isRepeated = (): boolean =>
      log.records.some(({ message }) => message === "uplink failed again");
    while (!isRepeated()) await clock.advance(40_000);
    expect(log.records.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it("stops at once, and reports nothing afterwards", async () => {
    const peer = await dashboard("v2");
    const started = startNezhaAgent(peer.port);
    await until(started.uplink.state, isOnline);
    await started.stop();
    const count = peer.told.value.states.length;
    await settle();
    expect(started.uplink.state.value).toEqual(STOPPED);
    expect(peer.told.value.states.length - count).toBeLessThanOrEqual(1);
  });
});

describe("the address of a Nezha dashboard", () => {
  it("is a host with a port, IPv6 addresses in brackets", () => {
    expect(parseNezhaServer("dash.example:5555")).toEqual({ host: "dash.example", port: 5555 });
    expect(parseNezhaServer("[2001:db8::1]:8008")).toEqual({ host: "2001:db8::1", port: 8008 });
  });

  it("is nothing else", () => {
    for (const text of ["", "dash.example", "http://dash.example:80", "a:0", "a:65536", "::1:80"]) {
      expect(parseNezhaServer(text)).toBeUndefined();
    }
  });
});
