import { describe, expect, it } from "vitest";
import { spanOfHours, stepOf, thinned } from "../../../../src/api/komari/calls/load-records.ts";
import { partOfRecord } from "../../../../src/api/komari/calls/load-records.ts";
import {
  longTaskSummary,
  pingCurves,
  pingRecords,
  pingStatistics,
  pingStatus,
} from "../../../../src/api/komari/calls/ping-records.ts";
import type { ProbeTask } from "../../../../src/hub/probes.ts";
import type { NodeRecord } from "../../../../src/hub/registry.ts";
import type { PingCurve, PingPoint, RangeQuery } from "../../../../src/hub/series/series.ts";
import { timeText } from "../../../../src/api/komari/wire.ts";
import { hubFixture, HUB_START } from "../../../support/hub-fixture.ts";

const HOUR = 3_600_000;

function curve(task: number, points: readonly Partial<PingPoint>[]): PingCurve {
  const column = (name: Exclude<keyof PingPoint, "task">, missing: number): Float64Array =>
    Float64Array.from(points, (point) => point[name] ?? missing);
  return {
    task,
    at: column("at", 0),
    sent: column("sent", 1),
    lost: column("lost", 0),
    meanMs: column("meanMs", 20),
    minMs: column("minMs", 20),
    maxMs: column("maxMs", 20),
  };
}

async function aNode(uuid: string): Promise<NodeRecord> {
  const { addNode } = await hubFixture();
  return { ...(await addNode()), uuid };
}

const TASK: ProbeTask = {
  id: 1,
  name: "loop",
  type: "icmp",
  target: "192.0.2.1",
  intervalSeconds: 60,
  cover: "except",
  nodes: [],
  weight: 0,
  isDefaultOn: true,
};

describe("times", () => {
  it("are written as the original writes them", () => {
    expect([0, 1000, 1100, 1120, 1123].map((ms) => timeText(Date.UTC(2026, 7, 1) + ms))).toEqual([
      "2026-08-01T00:00:00Z",
      "2026-08-01T00:00:01Z",
      "2026-08-01T00:00:01.1Z",
      "2026-08-01T00:00:01.12Z",
      "2026-08-01T00:00:01.123Z",
    ]);
  });
});

describe("curves of load", () => {
  it("have the resolution that the front end lays its grid for", () => {
    const steps = [1, 4, 5, 24, 120, 121, 168, 720].map((hours) => [
      hours,
      stepOf(spanOfHours(hours, HUB_START)) / 60_000,
    ]);
    expect(steps).toEqual([
      [1, 1],
      [4, 1],
      [5, 15],
      [24, 15],
      [120, 15],
      [121, 60],
      [168, 60],
      [720, 60],
    ]);
  });

  it("are thinned evenly and keep both ends", () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(thinned(items, 5)).toEqual([0, 25, 50, 74, 99]);
    expect(thinned(items, 100)).toBe(items);
    expect(thinned(items, 1)).toEqual([99]);
    expect(thinned(items, 0)).toEqual([]);
    expect(thinned([], 5)).toEqual([]);
  });

  it("of one kind have its percentage only where there is a total", () => {
    const record = { client: "u", time: "t", ram: 50, ram_total: 200, swap: 0, swap_total: 0 };
    expect(partOfRecord("ram", record)).toMatchObject({ ram_percent: 25 });
    expect(partOfRecord("swap", record)).not.toHaveProperty("swap_percent");
    const sockets = { ...record, connections: 31, connections_udp: 6 };
    expect(partOfRecord("connections", sockets)).toMatchObject({ connections_tcp: 31 });
  });
});

describe("curves of pings", () => {
  async function asked(hours: number, tasks: number, nodes = 1): Promise<RangeQuery> {
    const { hub, addNode } = await hubFixture();
    const node = await addNode();
    for (let count = 0; count < tasks; count += 1) {
      const { id: _id, ...settings } = TASK;
      await hub.probes.add(settings);
    }
    let query: RangeQuery | undefined;
    const series = {
      ...hub.series,
      pingCurves: (wanted: RangeQuery) => {
        query = wanted;
        return Promise.resolve({ stepMs: 60_000, curves: [] });
      },
    };
    await pingCurves({ series, probes: hub.probes }, node, spanOfHours(hours, HUB_START), {
      nodes,
    });
    if (query === undefined) throw new Error("nothing was read");
    return query;
  }

  it("have every minute of a day, however many tasks there are, and few enough of longer times", async () => {
    expect((await asked(1, 3)).maxPoints).toBe(1441);
    expect((await asked(24, 12)).maxPoints).toBe(1441);
    expect((await asked(168, 3)).maxPoints).toBe(1000);
    expect((await asked(720, 20)).maxPoints).toBe(450);
    expect((await asked(24, 10, 200)).maxPoints).toBe(10);
  });

  it("tell whole milliseconds, and -1 where all were lost", async () => {
    const curves = [
      curve(1, [
        { at: 0, meanMs: 24.6 },
        { at: 60_000, sent: 2, lost: 2, meanMs: 0 },
      ]),
      curve(2, [{ at: 0, sent: 3, lost: 1, meanMs: 9.4 }]),
    ];
    expect(pingRecords({ node: await aNode("u"), curves })).toEqual([
      { task_id: 1, time: "1970-01-01T00:00:00Z", value: 25, client: "u" },
      { task_id: 2, time: "1970-01-01T00:00:00Z", value: 9, client: "u" },
      { task_id: 1, time: "1970-01-01T00:01:00Z", value: -1, client: "u" },
    ]);
  });

  it("are summed up with every lost ping, also of minutes in which others came back", async () => {
    const own = curve(1, [
      { at: HOUR, sent: 6, lost: 3, meanMs: 10, minMs: 8, maxMs: 12 },
      { at: 2 * HOUR, sent: 6, lost: 0, meanMs: 40, minMs: 30, maxMs: 60 },
      { at: 3 * HOUR, sent: 6, lost: 6, meanMs: 0, minMs: 0, maxMs: 0 },
    ]);
    const pings = { node: await aNode("u"), curves: [own] };
    const summary = longTaskSummary(TASK, [pings]);
    expect(summary).toMatchObject({
      id: 1,
      total: 18,
      loss: 50,
      min: 8,
      max: 60,
      avg: 30,
      latest: 40,
      p50: 25,
      p99: 40,
    });
    expect(summary).not.toHaveProperty("target");
    expect(pingStatus([TASK], pings)["1"]).toMatchObject({ latest: 40, loss: 50, avg: 30 });
    expect(pingStatistics(own)).toMatchObject({ total: 18, valid: 9, stddev: 15 });
    expect(pingStatistics(curve(1, []))).toEqual({ total: 0, valid: 0, loss: 0, p99_p50_ratio: 0 });
  });
});
