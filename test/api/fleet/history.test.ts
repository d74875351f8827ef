import { describe, expect, it } from "vitest";
import type {
  LoadHistory,
  PingHistory,
  RecentHistory,
} from "../../../src/protocol/fleet/history.ts";
import { fleetApp } from "../../support/fleet-app.ts";
import { HUB_START, nodeReport } from "../../support/hub-fixture.ts";

const START_SECONDS = HUB_START / 1000;

describe("curves over the fleet API", () => {
  it("are columns of the same length with the resolution beside them", async () => {
    const { addNode, connect, clock, get } = await fleetApp();
    const node = await addNode();
    const session = connect(node);
    for (const cpuPercent of [10, 20, 30]) {
      session.report(nodeReport({ cpuPercent }));
      await clock.advance(60_000);
    }
    const { stepMs, at, columns, from, to } = await get<LoadHistory>(`/nodes/${node.uuid}/load`);
    expect([stepMs, to - from]).toEqual([60_000, 3_600_000]);
    expect(at).toEqual([START_SECONDS, START_SECONDS + 60, START_SECONDS + 120]);
    expect(columns.cpuPercent).toEqual([10, 20, 30]);
    expect(Object.values(columns).every((column) => column.length === 3)).toBe(true);
  });

  it("give the last minute as it was reported", async () => {
    const { addNode, connect, clock, get } = await fleetApp();
    const node = await addNode();
    const session = connect(node);
    for (const cpuPercent of [1, 2]) {
      session.report(nodeReport({ cpuPercent }));
      await clock.advance(1000);
    }
    const { at, columns } = await get<RecentHistory>(`/nodes/${node.uuid}/recent`);
    expect(at).toEqual([START_SECONDS, START_SECONDS + 1]);
    expect(columns.cpuPercent).toEqual([1, 2]);
    expect(columns.temperatureCelsius).toEqual([41.5, 41.5]);
  });

  it("show losses as holes and tasks without answers by name", async () => {
    const { addNode, connect, clock, get, hub } = await fleetApp();
    const node = await addNode();
    const task = { type: "icmp", intervalSeconds: 60, cover: "except", nodes: [] } as const;
    const common = { ...task, weight: 0, isDefaultOn: true };
    const first = await hub.probes.add({ ...common, name: "first", target: "192.0.2.1" });
    const second = await hub.probes.add({ ...common, name: "second", target: "192.0.2.2" });
    const session = connect(node);
    for (const elapsedMs of [12, undefined]) {
      session.ping({ task: first.id, elapsedMs });
      await clock.advance(60_000);
    }
    const { tasks } = await get<PingHistory>(`/nodes/${node.uuid}/pings`);
    expect(tasks).toEqual([
      {
        task: first.id,
        name: "first",
        isDefaultOn: true,
        lossPercent: 50,
        at: [START_SECONDS, START_SECONDS + 60],
        meanMs: [12, null],
        minMs: [12, null],
        maxMs: [12, null],
        sent: [1, 1],
        lost: [0, 1],
      },
      expect.objectContaining({ task: second.id, name: "second", lossPercent: 0, at: [] }),
    ]);
  });

  it("refuse ranges that are none", async () => {
    const { addNode, call } = await fleetApp();
    const { uuid } = await addNode();
    expect((await call("GET", `/nodes/${uuid}/load?from=20&to=10`)).status).toBe(400);
    expect((await call("GET", `/nodes/${uuid}/load?points=0`)).status).toBe(400);
    expect((await call("GET", `/nodes/${uuid}/load?from=yesterday`)).status).toBe(400);
  });
});
