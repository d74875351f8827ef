import { afterEach, describe, expect, it } from "vitest";
import { identityFile } from "../../../src/agent/komari/identity.ts";
import { STOPPED } from "../../../src/agent/uplink.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { factsOf } from "../../support/agent-sample.ts";
import { startKomariAgent, TOKEN } from "../../support/komari-agent.ts";
import type { RunningKomariAgent } from "../../support/komari-agent.ts";
import { startKomariServer } from "../../support/komari-server.ts";
import type { KomariServerOptions, KomariStandIn } from "../../support/komari-server.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function server(part: Partial<KomariServerOptions> = {}, port = 0): Promise<KomariStandIn> {
  const started = await startKomariServer({ token: TOKEN, ...part }, port);
  closers.push(() => started.close());
  return started;
}

function agent(url: string, part: Parameters<typeof startKomariAgent>[1] = {}): RunningKomariAgent {
  const started = startKomariAgent(url, part);
  closers.push(() => started.stop());
  return started;
}

const isOnline = ({ phase }: { readonly phase: string }): boolean => phase === "online";
const portOf = ({ url }: KomariStandIn): number => Number(new URL(url).port);

describe("Komari uplink", () => {
  it.each([
    ["of 2025", {}, "komari v1", "socket"],
    [
      "of 2025 that answers unknown paths with its page",
      { servesPages: true },
      "komari v1",
      "socket",
    ],
    ["of 2026", { hasVersion2: true }, "komari v2", "socket2"],
    [
      "that takes the token in a header",
      { hasVersion2: true, takesHeader: true },
      "komari v2",
      "socket2",
    ],
  ])("reports to a server %s", async (_, part, dialect, way) => {
    const peer = await server(part);
    const { uplink } = agent(peer.url);
    await until(peer.told, ({ reports }) => reports.length >= 3);
    expect(uplink.state.value).toEqual({
      phase: "online",
      dialect,
      transport: "socket",
      problem: null,
    });
    expect(peer.told.value.reports.every((each) => each.way === way)).toBe(true);
    expect(peer.told.value.infos).toHaveLength(1);
  });

  it("sends every field with the right figure, integers whole", async () => {
    const peer = await server();
    agent(peer.url);
    const { reports, infos } = await until(peer.told, (told) => told.reports.length >= 1);
    expect(reports[0]?.report).toEqual({
      cpu: { usage: 12.5 },
      ram: { total: 1000, used: 400 },
      swap: { total: 200, used: 20 },
      load: { load1: 0.5, load5: 0.25, load15: 0.125 },
      disk: { total: 9000, used: 300 },
      network: { up: 60, down: 70, totalUp: 6000, totalDown: 7000 },
      connections: { tcp: 11, udp: 12 },
      uptime: 86_400,
      process: 13,
      message: "KVM: computer on\n",
    });
    expect(infos[0]).toEqual({
      cpu_name: "Cortex-A72",
      cpu_cores: 4,
      cpu_physical_cores: 4,
      arch: "arm64",
      os: "Debian GNU/Linux 13 (trixie)",
      kernel_version: "6.12.0",
      ipv4: "192.0.2.1",
      ipv6: "",
      mem_total: 1000,
      swap_total: 200,
      disk_total: 9000,
      gpu_name: "None",
      virtualization: "none",
      version: "1.2.3",
    });
  });

  it("puts the token into the address only for a server that wants it there", async () => {
    const modern = await server({ takesHeader: true });
    agent(modern.url);
    await until(modern.told, ({ reports }) => reports.length >= 1);
    expect(modern.told.value.refusals).toBe(0);
    const stock = await server();
    agent(stock.url);
    await until(stock.told, ({ reports }) => reports.length >= 1);
    expect(stock.told.value.refusals).toBe(1);
  });

  it("leaves out what the table of an old server does not have", async () => {
    const peer = await server({ unknownKeys: ["kernel_version"] });
    agent(peer.url);
    const { infos } = await until(peer.told, (told) => told.reports.length >= 1);
    expect(infos).toHaveLength(1);
    expect(Object.keys(infos[0] ?? {})).not.toContain("cpu_physical_cores");
  });

  it("lets the server note the address that it sees when none is known here", async () => {
    const peer = await server({ hasVersion2: true });
    agent(peer.url, { facts: createStore(factsOf()) });
    const told = await until(peer.told, ({ reports }) => reports.length >= 1);
    // The description of version 2 would stand in `infos` as well; only version 1 has the retry without new keys.
    expect(told.infos[0]).toMatchObject({ ipv4: "", ipv6: "" });
    expect(told.reports[0]?.way).toBe("socket2");
  });

  it("describes the machine anew when something about it changes", async () => {
    const peer = await server();
    const facts = createStore(factsOf({ ipv4: "192.0.2.1" }));
    const { uplink } = agent(peer.url, { facts });
    await until(uplink.state, isOnline);
    facts.set(factsOf({ ipv4: "192.0.2.2" }));
    const { infos } = await until(peer.told, (told) => told.infos.length === 2);
    expect(infos[1]).toMatchObject({ ipv4: "192.0.2.2" });
  });

  it("heals a cut connection and an end by the server", async () => {
    const peer = await server({ hasVersion2: true });
    const { uplink, log } = agent(peer.url);
    await until(uplink.state, isOnline);
    peer.drop();
    await until(peer.told, ({ sockets }) => sockets === 2);
    await until(uplink.state, isOnline);
    peer.drop(1001);
    await until(peer.told, ({ sockets }) => sockets === 3);
    await until(uplink.state, isOnline);
    const lost = log.records.filter(({ message }) => message === "uplink lost");
    expect(lost.map(({ fields }) => fields["reason"])).toEqual([
      "the connection broke off",
      "the server closed the connection: bye (1001)",
    ]);
  });

  it("comes back after the server was away, and says meanwhile why it is not there", async () => {
    const peer = await server();
    const port = portOf(peer);
    const { uplink } = agent(peer.url);
    await until(uplink.state, isOnline);
    await peer.close();
    const { problem } = await until(
      uplink.state,
      (state) => state.problem?.includes("refuses") === true,
    );
    expect(problem).toBe(`127.0.0.1:${port} refuses the connection`);
    const again = await server({}, port);
    await until(again.told, ({ reports }) => reports.length >= 1);
    await until(uplink.state, (state) => state.problem === null);
  });

  it("says plainly that the token is wrong, and asks ever more rarely", async () => {
    const peer = await server();
    const { uplink } = agent(peer.url, { token: "wrong" });
    const { phase } = await until(uplink.state, ({ problem }) => problem !== null);
    expect(phase).toBe("waiting");
    expect(uplink.state.value.problem).toContain("does not know this token");
    await until(peer.told, ({ refusals }) => refusals >= 4);
    expect(peer.told.value.reports).toEqual([]);
  });

  it("suspects a second machine with the same token when it is thrown out again and again", async () => {
    const peer = await server();
    const { uplink } = agent(peer.url);
    for (let round = 1; round <= 3; round += 1) {
      await until(peer.told, ({ sockets }) => sockets === round);
      await until(uplink.state, isOnline);
      peer.drop(1000);
    }
    const { problem } = await until(
      uplink.state,
      (state) => state.problem?.includes("another") === true,
    );
    expect(problem).toContain("does another machine use the same token?");
  });

  it("waits long for a server of 2025 that still holds the old connection", async () => {
    const peer = await server();
    const { uplink, log } = agent(peer.url);
    await until(uplink.state, isOnline);
    peer.send({ status: "error", error: "Token already in use" });
    peer.drop(1000);
    await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(log.records.at(-1)?.fields["reason"]).toContain("Token already in use");
    const before = performance.now();
    await until(peer.told, ({ sockets }) => sockets === 2);
    // 35 s at the hurried clock's pace.
    expect(performance.now() - before).toBeGreaterThan(500);
  });

  it("stops at once and leaves nothing behind", async () => {
    const peer = await server();
    const running = agent(peer.url);
    await until(running.uplink.state, isOnline);
    await running.stop();
    expect(running.uplink.state.value).toEqual(STOPPED);
  });
});

describe("registration with an auto-discovery key", () => {
  const KEY = "a-long-enough-key";

  it("happens once, and its token is kept for the next start", async () => {
    const peer = await server({ autoDiscoveryKey: KEY });
    const first = agent(peer.url, { token: "", autoDiscoveryKey: KEY });
    await until(first.uplink.state, isOnline);
    expect(peer.told.value.registrations).toEqual(["kvm"]);
    await first.stop();
    const second = agent(peer.url, { token: "", autoDiscoveryKey: KEY, files: first.files });
    await until(second.uplink.state, isOnline);
    expect(peer.told.value.registrations).toEqual(["kvm"]);
    expect(first.files.mode(identityFile("/data", peer.url))).toBe(0o600);
  });

  it("says that the key is wrong", async () => {
    const peer = await server({ autoDiscoveryKey: KEY });
    const { uplink } = agent(peer.url, { token: "", autoDiscoveryKey: "another" });
    const { problem } = await until(uplink.state, (state) => state.problem !== null);
    expect(problem).toBe("The server does not accept the auto-discovery key");
  });

  it("makes no node when its token could not be kept", async () => {
    const peer = await server({ autoDiscoveryKey: KEY });
    const { uplink, files } = agent("http://127.0.0.1:1", { token: "", autoDiscoveryKey: KEY });
    await until(uplink.state, ({ phase }) => phase === "waiting");
    files.writeError = "Read-only file system";
    const other = agent(peer.url, { token: "", autoDiscoveryKey: KEY, files });
    const { problem } = await until(other.uplink.state, (state) => state.problem !== null);
    expect(problem).toBe("Read-only file system");
    expect(peer.told.value.registrations).toEqual([]);
  });
});

describe("where no WebSocket passes", () => {
  it.each([
    [1, {}, "post"],
    [2, { hasVersion2: true }, "post2"],
  ])("reports of version %i go by single requests", async (version, part, way) => {
    const peer = await server({ ...part, socketStatus: 403 });
    const { uplink } = agent(peer.url);
    await until(peer.told, ({ reports }) => reports.length >= 2);
    await until(uplink.state, isOnline);
    expect(peer.told.value.reports.every((each) => each.way === way)).toBe(true);
    expect(uplink.state.value).toMatchObject({ dialect: `komari v${version}`, transport: "http" });
  });

  it("tasks of version 2 are fetched, done once and acknowledged", async () => {
    const peer = await server({ hasVersion2: true, socketStatus: 502 });
    const params = { ping_task_id: 3, ping_type: "tcp", ping_target: "host.example:443" };
    peer.queue({ id: "event-1", method: "agent.ping", params });
    peer.queue({ id: "event-2", method: "agent.event", params: {} });
    agent(peer.url);
    const told = await until(
      peer.told,
      ({ acknowledged, pingResults }) => acknowledged.length === 2 && pingResults.length > 0,
    );
    expect(told.pingResults).toHaveLength(1);
    expect(told.pingResults[0]).toMatchObject({ task_id: 3, ping_type: "tcp", value: 17 });
  });
});
