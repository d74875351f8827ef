import { describe, expect, it, onTestFinished } from "vitest";
import { createProbes } from "../../src/agent/probes.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createStore, until } from "../../src/core/store.ts";
import type { Hub } from "../../src/hub/hub.ts";
import { OwnNode } from "../../src/roles/own-node.ts";
import { fakeClock, settle } from "../support/fake-clock.ts";
import { factsOf, sampleOf } from "../support/agent-sample.ts";
import { createTestApp } from "../support/create-test-app.ts";
import { hubFixture, HUB_START } from "../support/hub-fixture.ts";
import { memoryFiles } from "../support/memory-files.ts";
import type { MemoryFiles } from "../support/memory-files.ts";

const network = {
  resolve: () => Promise.resolve("127.0.0.1"),
  echo: () => Promise.resolve(7.4),
  connect: () => Promise.reject(new TypeError("not asked")),
  get: () => Promise.reject(new TypeError("not asked")),
};

async function ownNode(hub: Hub, files: MemoryFiles = memoryFiles(), clock = fakeClock()) {
  const samples = createStore(sampleOf());
  const facts = createStore(factsOf());
  const uplink = new OwnNode({
    hub,
    facts,
    health: createStore("KVM: computer on"),
    probes: createProbes(network, true),
    files,
    clock,
    dataDir: "/data",
    version: "1.2.3",
    log: silentLogger,
  });
  const stop = new AbortController();
  const running = uplink.run(samples, stop.signal);
  onTestFinished(() => {
    stop.abort();
  });
  await until(uplink.state, ({ phase, problem }) => phase === "online" || problem !== null);
  return { uplink, facts, samples, stop, running, files };
}

describe("OwnNode", () => {
  it("puts this machine into the hub of its own process, with all its figures", async () => {
    const { hub } = await hubFixture();
    const { samples } = await ownNode(hub);
    samples.set(sampleOf({ cpuPercent: 50, at: HUB_START + 1000 }));
    const [node] = hub.registry.nodes;
    expect(node).toMatchObject({
      name: "kvm",
      facts: { osName: "Debian GNU/Linux 13 (trixie)", agentVersion: "1.2.3", logicalCores: 4 },
    });
    expect(hub.ingest.latest(node?.id ?? 0)).toMatchObject({
      cpuPercent: 50,
      memoryUsedBytes: 400,
      receivedBytes: 7000,
      message: "KVM: computer on",
    });
    expect(hub.presence.isOnline(node?.id ?? 0)).toBe(true);
  });

  it("is the same node after a restart, whatever the host is called then", async () => {
    const { hub } = await hubFixture();
    const first = await ownNode(hub);
    first.stop.abort();
    await first.running;
    await ownNode(hub, first.files);
    expect(hub.registry.nodes).toHaveLength(1);
  });

  it("makes itself a new identity when the file holds none", async () => {
    const { hub } = await hubFixture();
    await ownNode(hub, memoryFiles({ "/data/hub/own-node": "../../etc" }));
    expect(hub.registry.nodes[0]?.uuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("answers the hub's ping tasks", async () => {
    const { hub, clock } = await hubFixture();
    await ownNode(hub);
    await hub.probes.add({
      name: "ping",
      type: "icmp",
      target: "192.0.2.9",
      intervalSeconds: 5,
      cover: "except",
      nodes: [],
      weight: 0,
      isDefaultOn: true,
    });
    await clock.advance(5000);
    await settle();
    expect(hub.ingest.counters.pings).toBe(1);
  });

  it("stops reporting when an admin removes the node, and says why", async () => {
    const { hub } = await hubFixture();
    const { uplink, running } = await ownNode(hub);
    await hub.registry.remove(hub.registry.nodes[0]?.id ?? 0);
    await running;
    expect(uplink.state.value).toMatchObject({
      phase: "stopped",
      problem: "This node was removed",
    });
  });

  it("says what is wrong when the fleet has no room, and comes in when there is some", async () => {
    const { hub, clock, addNode } = await hubFixture({ maxNodes: 1 });
    const other = await addNode();
    const { uplink } = await ownNode(hub, memoryFiles(), clock);
    expect(uplink.state.value).toMatchObject({
      phase: "waiting",
      problem: "There are 1 nodes already",
    });
    await hub.registry.remove(other.id);
    await clock.advance(2000);
    await until(uplink.state, ({ phase }) => phase === "online");
    expect(uplink.state.value.problem).toBeNull();
    expect(hub.registry.nodes.map(({ name }) => name)).toEqual(["kvm"]);
  });

  it("tries again after a disk that was full at the start, and stops trying when it is told to", async () => {
    const { hub, clock } = await hubFixture();
    const disk = memoryFiles();
    disk.writeError = "No space left";
    const first = await ownNode(hub, disk, clock);
    expect(first.uplink.state.value.problem).toBe("No space left");
    first.stop.abort();
    await first.running;
    expect(first.uplink.state.value.phase).toBe("stopped");
    const second = await ownNode(hub, disk, clock);
    disk.writeError = undefined;
    await clock.advance(2000);
    await until(second.uplink.state, ({ phase }) => phase === "online");
    expect(hub.presence.isOnline(1)).toBe(true);
  });
});

describe("a device that is also a hub", () => {
  it("is a fleet of one without any set-up", async () => {
    const app = await createTestApp({ config: { roles: ["device", "hub"] } });
    const { body } = await app.call("GET", "/health");
    expect(JSON.parse(body)).toMatchObject({
      ready: true,
      subsystems: { hub: "ready", uplinks: expect.stringMatching(/^[01] of 1 online$/) },
    });
  });
});
