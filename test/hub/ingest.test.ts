import { afterEach, describe, expect, it } from "vitest";
import { NodeNotFoundError } from "../../src/hub/registry.ts";
import type { NodeRecord } from "../../src/hub/registry.ts";
import { HUB_START, hubFixture, nodeReport, recordingLink } from "../support/hub-fixture.ts";
import type { HubFixture } from "../support/hub-fixture.ts";
import { tempDir } from "../support/temp-dir.ts";
import { openTestStorage } from "../support/hub-storage.ts";
import { fakeClock } from "../support/fake-clock.ts";

const MINUTE = 60_000;

let fixture: HubFixture | undefined;
afterEach(async () => {
  await fixture?.hub.close();
  fixture = undefined;
});

async function start(options: Parameters<typeof hubFixture>[0] = {}): Promise<HubFixture> {
  fixture = await hubFixture(options);
  return fixture;
}

async function loadOf({ hub, clock }: HubFixture, node: NodeRecord) {
  const range = { from: clock.now() - 10 * MINUTE, to: clock.now() };
  return (await hub.series.load({ node: node.id, ...range })).points;
}

const PING = {
  name: "dns",
  type: "icmp",
  target: "192.0.2.53",
  intervalSeconds: 60,
  cover: "except",
  nodes: [],
  weight: 0,
  isDefaultOn: false,
} as const;

describe("reports", () => {
  it("are the node's latest ones, with the hub's own time", async () => {
    const { hub, addNode, connect, clock } = await start();
    const node = await addNode();
    expect(hub.ingest.latest(node.id)).toBeUndefined();
    expect(connect(node).report(nodeReport())).toBe(true);
    expect(hub.ingest.latest(node.id)).toEqual({ ...nodeReport(), at: clock.now() });
  });

  it("are remembered for a minute, one per second", async () => {
    const { hub, addNode, connect, clock } = await start();
    const node = await addNode();
    const session = connect(node);
    for (let second = 0; second < 70; second += 1) {
      session.report(nodeReport({ processCount: 0 }));
      session.report(nodeReport({ processCount: second }));
      await clock.advance(1000);
    }
    const recent = hub.ingest.recent(node.id);
    expect(recent.map(({ processCount }) => processCount)).toEqual(
      Array.from({ length: 59 }, (_, index) => 11 + index),
    );
    await clock.advance(MINUTE);
    expect(hub.ingest.recent(node.id)).toEqual([]);
  });

  it("become one row per minute with means", async () => {
    const its = await start();
    const node = await its.addNode();
    const session = its.connect(node);
    for (let second = 0; second < 90; second += 1) {
      session.report(nodeReport({ cpuPercent: second < 60 ? second : 50 }));
      await its.clock.advance(1000);
    }
    expect(await loadOf(its, node)).toMatchObject([
      { at: HUB_START, cpuPercent: 29.5, memoryTotalBytes: 1000, temperatureCelsius: 41.5 },
      { at: HUB_START + MINUTE, cpuPercent: 50 },
    ]);
  });

  it("are saved within a second, long before their minute is over", async () => {
    const its = await start();
    const node = await its.addNode();
    its.connect(node).report(nodeReport());
    await its.clock.advance(2000);
    expect((await its.storage.figures()).looseRows).toBe(1);
  });

  it("with impossible figures are brought back into what is possible, and counted", async () => {
    const { hub, addNode, connect } = await start();
    const node = await addNode();
    connect(node).report(
      nodeReport({
        cpuPercent: 4000,
        load1: Number.NaN,
        receivedBytes: -5,
        sentBytes: 1e300,
        memoryUsedBytes: 1.5,
        message: "x".repeat(100_000),
        temperatures: Array.from({ length: 1000 }, () => ({ name: "t", celsius: Infinity })),
      }),
    );
    const latest = hub.ingest.latest(node.id);
    expect(latest).toMatchObject({
      cpuPercent: 100,
      load1: 0,
      receivedBytes: 0,
      sentBytes: Number.MAX_SAFE_INTEGER,
      memoryUsedBytes: 1,
    });
    expect(latest?.message).toHaveLength(4096);
    expect(latest?.temperatures).toHaveLength(64);
    expect(latest?.temperatures[0]?.celsius).toBe(0);
    expect(hub.ingest.counters.clamped).toBeGreaterThan(64);
  });

  it("of a flood are refused, the connection ends, and other nodes feel nothing", async () => {
    const { hub, addNode, connect } = await start();
    const [loud, quiet] = [await addNode(), await addNode()];
    const link = recordingLink();
    const session = connect(loud, link);
    const taken = Array.from({ length: 2000 }, () => session.report(nodeReport()));
    expect(taken.filter(Boolean)).toHaveLength(20);
    expect(link.closedBecause).toContain("too much");
    expect(session.isOpen).toBe(false);
    expect(connect(quiet).report(nodeReport())).toBe(true);
    expect(hub.ingest.counters.flooded).toBe(601);
  });
});

describe("sessions", () => {
  it("are replaced by a newer one of the same node, with a reason", async () => {
    const { hub, addNode, connect } = await start();
    const node = await addNode();
    const link = recordingLink();
    const first = connect(node, link);
    const second = connect(node);
    expect(link.closedBecause).toContain("newer connection");
    expect(first.report(nodeReport())).toBe(false);
    first.close();
    expect(second.report(nodeReport())).toBe(true);
    expect(hub.ingest.counters.replacedSessions).toBe(1);
  });

  it("end when the node is removed or gets another token", async () => {
    const { hub, addNode, connect } = await start();
    const [one, two] = [await addNode(), await addNode()];
    const links = [recordingLink(), recordingLink()];
    const sessions = [connect(one, links[0]), connect(two, links[1])];
    await hub.registry.remove(one.id);
    await hub.registry.renewToken(two.id);
    expect(links.map(({ closedBecause }) => closedBecause)).toEqual([
      "This node was removed",
      "The token of this node changed",
    ]);
    expect(sessions.map((session) => session.report(nodeReport()))).toEqual([false, false]);
    expect(() => connect(one)).toThrow(NodeNotFoundError);
    expect(hub.ingest.latest(one.id)).toBeUndefined();
  });

  it("of single requests are one, beside a connection", async () => {
    const { hub, addNode, connect } = await start();
    const node = await addNode();
    const identity = { node: node.id, dialect: "post", remoteAddress: "192.0.2.9" };
    const link = recordingLink();
    connect(node, link);
    const visit = hub.ingest.visit(identity);
    expect(hub.ingest.visit(identity)).toBe(visit);
    expect(visit.report(nodeReport())).toBe(true);
    expect(link.closedBecause).toBeUndefined();
    expect(hub.ingest.remoteAddress(node.id)).toBe("192.0.2.9");
  });

  it("keep what the agent tells about its machine, and only what is known of machines", async () => {
    const { hub, addNode, connect } = await start();
    const node = await addNode();
    const facts = { osName: "Debian", cpuModels: ["x".repeat(1000)], logicalCores: -1, evil: true };
    connect(node).facts(facts);
    const kept = hub.registry.byId(node.id)?.facts;
    expect(kept).toMatchObject({ osName: "Debian", logicalCores: 0, arch: "" });
    expect(kept?.cpuModels[0]).toHaveLength(256);
    expect(kept).not.toHaveProperty("evil");
  });

  it("make the node present, and their end makes it absent", async () => {
    const { hub, addNode, connect, clock } = await start();
    const node = await addNode();
    const told: boolean[] = [];
    hub.presence.subscribe(({ isOnline }) => {
      told.push(isOnline);
    });
    const session = connect(node);
    expect(hub.presence.isOnline(node.id)).toBe(false);
    session.report(nodeReport());
    await clock.advance(1000);
    expect(hub.presence.isOnline(node.id)).toBe(true);
    expect(hub.state.value).toMatchObject({ nodes: 1, online: 1 });
    session.close();
    await clock.advance(12_000);
    expect(hub.presence.isOnline(node.id)).toBe(false);
    expect(hub.state.value.online).toBe(0);
    expect(told).toEqual([true, false]);
  });
});

describe("ping tasks", () => {
  it("are sent to the agents they cover, once per interval", async () => {
    const { hub, addNode, connect, clock } = await start();
    const [one, two] = [await addNode(), await addNode()];
    const links = [recordingLink(), recordingLink()];
    connect(one, links[0]);
    connect(two, links[1]);
    const task = await hub.probes.add({ ...PING, cover: "only", nodes: [two.id] });
    await clock.advance(3 * MINUTE);
    expect(links[0]?.tasks).toEqual([]);
    expect(links[1]?.tasks).toHaveLength(3);
    expect(links[1]?.tasks[0]).toEqual({
      kind: "ping",
      task: task.id,
      type: "icmp",
      target: "192.0.2.53",
    });
  });

  it("take results of covered nodes only", async () => {
    const its = await start();
    const [one, two] = [await its.addNode(), await its.addNode()];
    const task = await its.hub.probes.add({ ...PING, nodes: [two.id] });
    const result = { task: task.id, elapsedMs: 20 };
    expect(its.connect(one).ping(result)).toBe(true);
    expect(its.connect(two).ping(result)).toBe(false);
    expect(its.connect(one).ping({ task: 999, elapsedMs: 20 })).toBe(false);
    expect(its.hub.ingest.counters).toMatchObject({ pings: 1, strayPings: 2 });
  });

  it("store losses, and take impossible times for losses", async () => {
    const { hub, addNode, connect, clock } = await start();
    const node = await addNode();
    const { id: task } = await hub.probes.add(PING);
    const session = connect(node);
    for (const elapsedMs of [10, 30, undefined, -1, Number.NaN, 1e9])
      session.ping({ task, elapsedMs });
    await clock.advance(2000);
    const { points } = await hub.series.pings({ node: node.id, from: HUB_START, to: clock.now() });
    expect(points).toEqual([
      { at: HUB_START, task, sent: 6, lost: 4, meanMs: 20, minMs: 10, maxMs: 30 },
    ]);
  });
});

describe("traffic totals", () => {
  it("go on through restarts and resets of the counters, and survive the hub's own end", async () => {
    const path = `${tempDir()}/hub.db`;
    const clock = fakeClock(HUB_START);
    const its = await start({ clock, storage: await openTestStorage(clock, { path }) });
    const node = await its.addNode();
    const session = its.connect(node);
    const report = async (receivedBytes: number, uptimeSeconds: number): Promise<void> => {
      session.report(nodeReport({ receivedBytes, sentBytes: 0, uptimeSeconds }));
      await clock.advance(1000);
    };
    await report(5000, 100);
    await report(5300, 101);
    // Restarted: what the counter holds is new.
    await report(40, 5);
    // A monthly reset without a restart tells nothing.
    await report(7, 6);
    await report(17, 7);
    expect(its.hub.ingest.traffic(node.id)).toEqual({ receivedBytes: 350, sentBytes: 0 });
    await its.hub.close();
    const again = await start({ clock, storage: await openTestStorage(clock, { path }) });
    expect(again.hub.ingest.traffic(node.id).receivedBytes).toBe(350);
    again.connect(node).report(nodeReport({ receivedBytes: 117, sentBytes: 0, uptimeSeconds: 60 }));
    expect(again.hub.ingest.traffic(node.id).receivedBytes).toBe(450);
    const [minute] = await loadOf(again, node);
    expect(minute?.receivedDeltaBytes).toBe(350);
  });
});
