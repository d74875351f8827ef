import { afterEach, describe, expect, it } from "vitest";
import { StorageError, ValidationError } from "../../../src/core/errors.ts";
import type { HubStorage, SeriesRow } from "../../../src/hub/series/series.ts";
import type { StorageEngine } from "../../../src/hub/series/requests.ts";
import { SqliteEngine } from "../../../src/hub/series/sqlite-engine.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { loadFigures, openTestStorage, pingFigures } from "../../support/hub-storage.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);

let storage: HubStorage | undefined;
afterEach(async () => {
  await storage?.close();
  storage = undefined;
});

async function open(clock: FakeClock, engine?: StorageEngine): Promise<HubStorage> {
  storage = await openTestStorage(clock, engine === undefined ? {} : { engine });
  return storage;
}

function minutes(node: number, from: number, count: number): SeriesRow[] {
  return Array.from({ length: count }, (_, index) => ({
    node,
    at: from + index * MINUTE,
    load: loadFigures({ cpuPercent: index % 100, receivedDeltaBytes: 10, memoryTotalBytes: index }),
    pings: [pingFigures(1, 20 + (index % 10)), pingFigures(2, 7)],
  }));
}

interface JumpingClock extends FakeClock {
  /** Time passes without any timer. */
  jump(ms: number): void;
}

function jumpingClock(startAt: number): JumpingClock {
  const clock = fakeClock(startAt);
  let jumped = 0;
  return {
    ...clock,
    pending: 0,
    now: () => clock.now() + jumped,
    jump(ms) {
      jumped += ms;
    },
  };
}

/** The passing of days, with rows of every minute, four hours at a time. */
async function live(hub: HubStorage, clock: JumpingClock, days: number): Promise<void> {
  for (let chunk = 0; chunk < days * 6; chunk += 1) {
    const from = Math.floor(clock.now() / MINUTE) * MINUTE;
    clock.jump(4 * HOUR);
    hub.series.append(minutes(1, from, 240));
    await clock.advance(3000);
  }
}

describe("the hub's database", () => {
  it("gives back the minutes that were appended, before and after they are written", async () => {
    const clock = fakeClock(START + 3 * MINUTE);
    const { series } = await open(clock);
    series.append(minutes(7, START, 3));
    const range = await series.load({ node: 7, from: START, to: START + HOUR });
    expect(range.stepMs).toBe(MINUTE);
    expect(range.points.map(({ at, cpuPercent }) => [at - START, cpuPercent])).toEqual([
      [0, 0],
      [MINUTE, 1],
      [2 * MINUTE, 2],
    ]);
    expect(range.points[2]).toEqual({
      at: START + 2 * MINUTE,
      ...loadFigures({ cpuPercent: 2, receivedDeltaBytes: 10, memoryTotalBytes: 2 }),
    });
  });

  it("keeps the nodes and the ping tasks apart", async () => {
    const clock = fakeClock(START + HOUR);
    const { series } = await open(clock);
    series.append([...minutes(1, START, 2), { node: 2, at: START, pings: [pingFigures(1, 99)] }]);
    const whole = { from: START, to: START + HOUR };
    expect((await series.load({ node: 2, ...whole })).points).toEqual([]);
    expect((await series.pings({ node: 2, ...whole })).points).toEqual([
      { at: START, ...pingFigures(1, 99) },
    ]);
    expect((await series.pings({ node: 1, task: 2, ...whole })).points).toEqual([
      { at: START, ...pingFigures(2, 7) },
      { at: START + MINUTE, ...pingFigures(2, 7) },
    ]);
  });

  it("lets a later row of the same minute replace the earlier one", async () => {
    const { series } = await open(fakeClock(START + HOUR));
    const row = { node: 1, at: START, pings: [] };
    series.append([{ ...row, load: loadFigures({ cpuPercent: 1 }) }]);
    await series.load({ node: 1, from: START, to: START });
    series.append([{ ...row, load: loadFigures({ cpuPercent: 2 }) }]);
    const { points } = await series.load({ node: 1, from: START, to: START });
    expect(points.map(({ cpuPercent }) => cpuPercent)).toEqual([2]);
  });

  it("answers the same before and after minutes are packed", async () => {
    const clock = fakeClock(START + 4 * HOUR);
    const hub = await open(clock);
    hub.series.append(minutes(1, START, 240));
    const whole = { node: 1, from: START, to: START + 4 * HOUR };
    const loads = await hub.series.load(whole);
    const quarters = await hub.series.load({ ...whole, stepMs: 15 * MINUTE });
    const pings = await hub.series.pings(whole);
    expect((await hub.figures()).looseRows).toBe(240);
    await clock.advance(10 * MINUTE);
    expect((await hub.figures()).looseRows).toBe(0);
    expect(await hub.series.load(whole)).toEqual(loads);
    expect(await hub.series.load({ ...whole, stepMs: 15 * MINUTE })).toEqual(quarters);
    expect(await hub.series.pings(whole)).toEqual(pings);
    expect(loads.points).toHaveLength(240);
    expect(quarters.points).toHaveLength(16);
    expect(pings.points).toHaveLength(480);
  });

  it("rolls up means, last values, sums and ping times each by its own rule", async () => {
    const { series } = await open(fakeClock(START + HOUR));
    const lost = { task: 1, sent: 1, lost: 1, meanMs: 0, minMs: 0, maxMs: 0 };
    series.append([...minutes(1, START, 14), { node: 1, at: START + 14 * MINUTE, pings: [lost] }]);
    const query = { node: 1, from: START, to: START + 15 * MINUTE - 1, stepMs: 15 * MINUTE };
    const { points } = await series.load(query);
    expect(points).toMatchObject([
      { at: START, cpuPercent: 6.5, receivedDeltaBytes: 140, memoryTotalBytes: 13 },
    ]);
    const pings = await series.pings({ ...query, task: 1 });
    expect(pings.points).toEqual([
      { at: START, task: 1, sent: 15, lost: 1, meanMs: 23.6, minMs: 20, maxMs: 29 },
    ]);
  });

  it("lets whoever reads one node wait for that one's rows only", async () => {
    const clock = fakeClock(START + 3 * MINUTE);
    const storage = await open(clock);
    const looseNodes = async () => {
      const sql = "SELECT DISTINCT node FROM loose ORDER BY node";
      return (await storage.tables.read({ sql, values: [] })).map(({ node }) => node);
    };
    storage.series.append([...minutes(1, START, 2), ...minutes(2, START, 2)]);
    const { points } = await storage.series.load({ node: 2, from: START, to: START + HOUR });
    expect(points).toHaveLength(2);
    expect(await looseNodes()).toEqual([2]);
    await storage.figures();
    expect(await looseNodes()).toEqual([1, 2]);
  });

  it("serves late rows of minutes that are packed already", async () => {
    const clock = fakeClock(START + 5 * HOUR);
    const { series } = await open(clock);
    series.append(minutes(1, START, 3));
    await clock.advance(3000);
    series.append(minutes(1, START + 5 * MINUTE, 1));
    await clock.advance(3000);
    const { points } = await series.load({ node: 1, from: START, to: START + HOUR });
    expect(points.map(({ at }) => (at - START) / MINUTE)).toEqual([0, 1, 2, 5]);
  });

  it("refuses a range that ends before it begins", async () => {
    const { series } = await open(fakeClock(START));
    await expect(series.load({ node: 1, from: 2, to: 1 })).rejects.toThrow(ValidationError);
    await expect(series.load({ node: 1, from: Number.NaN, to: 1 })).rejects.toThrow(
      ValidationError,
    );
  });

  it("survives figures, nodes and times that cannot be", async () => {
    const { series } = await open(fakeClock(START + HOUR));
    const load = loadFigures({ cpuPercent: Number.NaN, load1: -3, receivedBytes: 1e300 });
    series.append([
      { node: 1, at: START, load, pings: [] },
      { node: 0.5, at: START, pings: [] },
      { node: 1, at: Number.POSITIVE_INFINITY, pings: [] },
    ]);
    const { points } = await series.load({ node: 1, from: START, to: START });
    expect(points).toMatchObject([{ cpuPercent: 0, load1: -3, receivedBytes: 2 ** 51 }]);
    expect(series.state.value.droppedRows).toBe(2);
  });

  it("forgets a node with everything it had", async () => {
    const clock = fakeClock(START + 6 * HOUR);
    const { series } = await open(clock);
    series.append([...minutes(1, START, 300), ...minutes(2, START, 1)]);
    await clock.advance(2000);
    await series.forgetNode(1);
    const whole = { from: START, to: START + DAY };
    expect((await series.load({ node: 1, ...whole })).points).toEqual([]);
    expect((await series.load({ node: 2, ...whole })).points).toHaveLength(1);
  });

  it("tells a full disk, keeps what fits into memory, and goes on when there is room", async () => {
    const clock = fakeClock(START);
    const hub = await open(clock);
    const limit = async (pages: number): Promise<void> => {
      await hub.tables.read({ sql: `PRAGMA max_page_count = ${pages}`, values: [] });
    };
    const pages = (await hub.tables.read({ sql: "PRAGMA page_count", values: [] }))[0];
    await limit(Number(pages?.["page_count"]));
    hub.series.append(minutes(1, START, 240));
    await clock.advance(1000);
    expect(hub.series.state.value).toMatchObject({ status: "failed" });
    expect(hub.series.state.value.problem).toContain("full");
    await limit(1_000_000);
    await clock.advance(1000);
    expect(hub.series.state.value).toEqual({ status: "ready", problem: "", droppedRows: 0 });
    expect((await hub.figures()).looseRows).toBe(240);
  });

  it("says so when it had to give rows up", async () => {
    const clock = fakeClock(START);
    const real = new SqliteEngine();
    const hub = await open(clock, {
      perform: (request) =>
        request.kind === "append"
          ? Promise.reject(new StorageError("read-only file system"))
          : real.perform(request),
    });
    for (let node = 1; node <= 180; node += 1) hub.series.append(minutes(node, START, 1000));
    await clock.advance(1000);
    expect(hub.series.state.value.status).toBe("failed");
    expect(hub.series.state.value.droppedRows).toBeGreaterThan(10_000);
  });

  it("is written to all or nothing, tables included", async () => {
    const { tables } = await open(fakeClock(START));
    const add = { sql: "INSERT INTO probe_task (settings) VALUES (?)", values: ["{}"] };
    await expect(tables.write([add, { sql: "nonsense", values: [] }])).rejects.toThrow(
      StorageError,
    );
    expect(await tables.read({ sql: "SELECT * FROM probe_task", values: [] })).toEqual([]);
    await tables.write([add]);
    expect(await tables.read({ sql: "SELECT * FROM probe_task", values: [] })).toEqual([
      { id: 1, settings: "{}" },
    ]);
  });
});

describe("a table", () => {
  it("is on the disk at once where that is asked for, and only there", async () => {
    const { tables } = await open(fakeClock(START));
    // What SQLite calls it: 1 is NORMAL, 2 is FULL, which waits for the disk at the end of each transaction.
    const sql = "INSERT INTO probe_task (settings) SELECT synchronous FROM pragma_synchronous";
    const note = { sql, values: [] };
    await tables.write([note]);
    await tables.writeSafely([note]);
    await expect(tables.writeSafely([{ sql: "nonsense", values: [] }])).rejects.toThrow(
      StorageError,
    );
    await tables.write([note]);
    const rows = await tables.read({ sql: "SELECT settings FROM probe_task", values: [] });
    expect(rows.map(({ settings }) => Number(settings))).toEqual([1, 2, 1]);
  });
});

describe("retention", () => {
  it("keeps each resolution for its time and serves what is left of older ranges coarsely", async () => {
    const clock = jumpingClock(START);
    storage = await openTestStorage(clock, {
      retention: { minuteDays: 1, quarterDays: 2, hourDays: 4 },
    });
    await live(storage, clock, 6);
    const first = async (tier: number): Promise<number> => {
      const sql = "SELECT min(start) AS first FROM chunk WHERE tier = ?";
      const rows = await storage?.tables.read({ sql, values: [tier] });
      return Number(rows?.[0]?.["first"] ?? 0);
    };
    expect(await first(0)).toBeGreaterThanOrEqual(clock.now() - 1 * DAY - 12 * HOUR);
    expect(await first(1)).toBeGreaterThanOrEqual(clock.now() - 2 * DAY - 32 * HOUR);
    const to = clock.now();
    const step = async (from: number, options = {}): Promise<number | undefined> =>
      (await storage?.series.load({ node: 1, from, to, ...options }))?.stepMs;
    expect(await step(to - 10 * HOUR)).toBe(MINUTE);
    expect(await step(to - 10 * HOUR, { maxPoints: 100 })).toBe(15 * MINUTE);
    expect(await step(to - 36 * HOUR)).toBe(15 * MINUTE);
    expect(await step(to - 3 * DAY)).toBe(HOUR);
    expect(await step(to - 30 * DAY)).toBe(HOUR);
  });
});
