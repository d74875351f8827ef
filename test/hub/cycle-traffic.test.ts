import { describe, expect, it } from "vitest";
import { StoredCycleTraffic } from "../../src/hub/cycle-traffic.ts";
import { hubFixture, HUB_START } from "../support/hub-fixture.ts";

const DAY = 86_400_000;

async function cyclesOf(timeZone = "UTC") {
  const { hub, addNode, storage } = await hubFixture();
  const moved = { receivedBytes: 0, sentBytes: 0 };
  const { tables } = storage;
  const make = () =>
    new StoredCycleTraffic({
      tables,
      registry: hub.registry,
      ingest: { traffic: () => moved },
      timeZone: () => timeZone,
    });
  const node = await addNode();
  return { hub, node, moved, make, cycles: make(), tables };
}

describe("the traffic of the running month", () => {
  it("begins with each month at nothing", async () => {
    const { cycles, node, moved } = await cyclesOf();
    moved.receivedBytes = 1000;
    expect(cycles.of(node.id).receivedBytes).toBe(1000);
    cycles.look(HUB_START);
    moved.receivedBytes = 5000;
    expect(cycles.startOf(node.id)).toBe(Date.UTC(2026, 0, 1));
    expect(cycles.of(node.id)).toEqual({ receivedBytes: 5000, sentBytes: 0 });
    cycles.look(Date.UTC(2026, 0, 31, 23, 59));
    expect(cycles.of(node.id).receivedBytes).toBe(5000);
    cycles.look(Date.UTC(2026, 1, 1));
    expect(cycles.startOf(node.id)).toBe(Date.UTC(2026, 1, 1));
    moved.receivedBytes = 5007;
    expect(cycles.of(node.id)).toEqual({ receivedBytes: 7, sentBytes: 0 });
  });

  it("goes on over restarts, and is forgotten with the node", async () => {
    const { cycles, make, node, moved, hub, tables } = await cyclesOf();
    cycles.look(HUB_START);
    moved.sentBytes = 300;
    cycles.look(HUB_START + 31 * DAY);
    await cycles.save();
    const again = make();
    await again.load();
    moved.sentBytes = 350;
    again.look(HUB_START + 32 * DAY);
    expect(again.of(node.id).sentBytes).toBe(50);
    await hub.registry.remove(node.id);
    await again.save();
    expect(await tables.read({ sql: "SELECT node FROM node_cycle", values: [] })).toEqual([]);
  });

  it("begins on the day on which the node is paid for, at midnight of the zone", async () => {
    const { hub, cycles, node } = await cyclesOf("Asia/Shanghai");
    await hub.registry.edit(node.id, { expiresAt: Date.UTC(2026, 5, 17, 20) });
    cycles.look(HUB_START);
    expect(cycles.startOf(node.id)).toBe(Date.UTC(2025, 11, 17, 16));
    cycles.look(Date.UTC(2026, 0, 17, 16));
    expect(cycles.startOf(node.id)).toBe(Date.UTC(2026, 0, 17, 16));
  });

  it("never begins anew because the day is moved back", async () => {
    const { hub, cycles, node, moved } = await cyclesOf();
    cycles.look(HUB_START);
    moved.receivedBytes = 100;
    await hub.registry.edit(node.id, { expiresAt: Date.UTC(2026, 5, 28) });
    cycles.look(HUB_START + DAY);
    expect(cycles.of(node.id).receivedBytes).toBe(100);
  });
});
