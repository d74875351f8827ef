// Our own agent and our own hub, over real sockets, in both versions of the protocol.
import { describe, expect, it, onTestFinished } from "vitest";
import { createStore, until } from "../../../../src/core/store.ts";
import type { KvmCondition } from "../../../../src/protocol/fleet/live.ts";
import { sampleOf } from "../../../support/agent-sample.ts";
import type { Control } from "../../../../src/agent/tasks.ts";
import { agentApp, DISCOVERY_KEY } from "../../../support/komari-agent-app.ts";
import { NO_CONTROL, startKomariAgent } from "../../../support/komari-agent.ts";
import type { RunningKomariAgent } from "../../../support/komari-agent.ts";

type AgentPart = Parameters<typeof startKomariAgent>[1];

function agent(url: string, part: AgentPart): RunningKomariAgent {
  const started = startKomariAgent(url, part);
  onTestFinished(() => started.stop());
  return started;
}

const isOnline = ({ phase }: { readonly phase: string }): boolean => phase === "online";
const KVM: KvmCondition = {
  power: "on",
  picture: "noSignal",
  width: 0,
  height: 0,
  input: "online",
  health: "warning",
  problems: ["The processor is slowed down"],
};
const ADMIN = { user: "admin", address: "192.0.2.1" };

const WILLING: Control = {
  ...NO_CONTROL,
  allows: { commands: true, terminal: false },
  runCommand: (command) => Promise.resolve({ stdout: `ran ${command}\n`, stderr: "", exitCode: 3 }),
};

describe.each(["1", "2"] as const)("our own agent, version %s", (protocolVersion) => {
  it("shows its node with every figure and fact", async () => {
    const { url, hub, addNode } = await agentApp();
    const { node, token } = await addNode();
    const seen = new Promise((resolve) => {
      hub.presence.subscribe(resolve);
    });
    const { uplink } = agent(url, { protocolVersion, token });
    expect(await seen).toMatchObject({ node: node.id, isOnline: true });
    await until(uplink.state, isOnline);
    expect(uplink.state.value).toMatchObject({
      dialect: `komari v${protocolVersion}`,
      transport: "socket",
    });
    expect(hub.ingest.latest(node.id)).toMatchObject({
      cpuPercent: 12.5,
      memoryUsedBytes: 400,
      receivedBytes: 7000,
      sentBytes: 6000,
      uptimeSeconds: 86_400,
      message: "KVM: computer on\n",
    });
    expect(hub.registry.byId(node.id)?.facts).toMatchObject({
      cpuModels: ["Cortex-A72"],
      logicalCores: 4,
      ipv4: "192.0.2.1",
      agentVersion: "1.2.3",
    });
    expect(hub.ingest.counters).toMatchObject({ malformed: 0, clamped: 0, unauthorized: 0 });
  });

  it("of a KVM box shows what it is, for as long as it says so", async () => {
    const { url, hub, addNode } = await agentApp();
    const { node, token } = await addNode();
    const kvm = createStore<KvmCondition | undefined>(KVM);
    const consoleUrl = "https://kvm.example/console";
    const { samples } = agent(url, { protocolVersion, token, kvm, consoleUrl });
    await expect.poll(() => hub.kvm.of(node.id)).toEqual({ ...KVM, consoleUrl });
    const before = hub.kvm.of(node.id);
    const { reports } = hub.ingest.counters;
    samples.set(sampleOf({ cpuPercent: 77 }));
    await expect.poll(() => hub.ingest.counters.reports).toBeGreaterThan(reports);
    expect(hub.kvm.of(node.id)).toBe(before);
    kvm.set({ ...KVM, power: "off", picture: "idle" });
    await expect.poll(() => hub.kvm.of(node.id)?.power).toBe("off");
    kvm.set(undefined);
    await expect.poll(() => hub.kvm.of(node.id)).toBeUndefined();
  });

  it("answers pings and runs commands", async () => {
    const { url, hub, clock, addNode } = await agentApp();
    const { node, token } = await addNode();
    await hub.control.permit(ADMIN, node.id, { command: true });
    const { uplink } = agent(url, { protocolVersion, token, control: WILLING });
    await until(uplink.state, isOnline);
    const settings = { name: "CF", type: "tcp", target: "127.0.0.1:9", nodes: [] } as const;
    await hub.probes.add({
      ...settings,
      intervalSeconds: 5,
      cover: "except",
      weight: 0,
      isDefaultOn: false,
    });
    const { id } = await hub.control.run(ADMIN, [node.id], "uptime");
    let isDone = false;
    while (!isDone || hub.ingest.counters.pings === 0) {
      await clock.advance(1000);
      isDone = (await hub.control.commandRun(id))?.outcomes[0]?.exitCode === 3;
    }
    expect((await hub.control.commandRun(id))?.outcomes[0]?.output).toBe("ran uptime\n");
    expect(hub.ingest.counters).toMatchObject({ strayPings: 0, malformed: 0 });
  });

  it("registers itself, and is the same node when it comes again", async () => {
    const { url, hub } = await agentApp();
    const key = { protocolVersion, token: "", autoDiscoveryKey: DISCOVERY_KEY };
    const first = agent(url, key);
    await until(first.uplink.state, isOnline);
    await first.stop();
    const second = agent(url, { ...key, files: first.files });
    await until(second.uplink.state, isOnline);
    expect(hub.registry.nodes).toHaveLength(1);
    expect(hub.registry.nodes[0]?.name).toMatch(/^Auto-/);
  });

  it("is refused with a token that nobody has, and says so", async () => {
    const { url, hub } = await agentApp();
    const { uplink } = agent(url, { protocolVersion, token: "nobody" });
    const { problem } = await until(uplink.state, ({ phase }) => phase === "waiting");
    expect(problem).toContain("does not know this token");
    expect(hub.registry.nodes).toEqual([]);
  });
});
