import type { Database } from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { unpackCurves } from "../../../src/hub/series/packed-curves.ts";
import { RowBuffer } from "../../../src/hub/series/row-buffer.ts";
import { RowStore } from "../../../src/hub/series/row-store.ts";
import type { SeriesRow } from "../../../src/hub/series/series.ts";
import { openDatabase } from "../../../src/hub/series/sqlite-file.ts";
import { tiersOf } from "../../../src/hub/series/tiers.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);
const NOW = START + 5 * HOUR;
const TIERS = tiersOf({ minuteDays: 7, quarterDays: 90, hourDays: 730 });

async function rig() {
  const database = await openDatabase(":memory:");
  onTestFinished(() => void database.close());
  return { database, store: new RowStore(database, TIERS) };
}

function append(store: RowStore, rows: readonly SeriesRow[]): void {
  const buffer = new RowBuffer();
  buffer.add(rows);
  while (buffer.size > 0) {
    const { rows: bytes, confirm } = buffer.take();
    store.append(bytes);
    confirm();
  }
}

const ping = (task: number, at: number) => ({
  task,
  sent: 2,
  lost: 0,
  meanMs: (at / MINUTE) % 50,
  minMs: 1,
  maxMs: 60,
});

function minutes(node: number, from: number, count: number): readonly SeriesRow[] {
  return Array.from({ length: count }, (_, index) => {
    const at = START + (from + index) * MINUTE;
    return { node, at, pings: [ping(1, at), ping(2, at)] };
  });
}

function answers(store: RowStore, node: number): unknown {
  return [1, 15 * MINUTE, HOUR].map((stepMs) => {
    const query = { kind: "pings", node, from: START, to: START + 4 * HOUR, stepMs } as const;
    return unpackCurves(store.range(query, NOW).numbers);
  });
}

function tracks(database: Database, node: number): number {
  const sql = "SELECT count(*) AS count FROM chunk WHERE node = ?";
  return database.prepare<[number], { count: number }>(sql).get(node)?.count ?? 0;
}

/** One step a call. */
const step = (store: RowStore): boolean => store.maintain(NOW, 0);

describe("packing in steps", () => {
  it("gives the same answers after every step", async () => {
    const { store } = await rig();
    append(store, [...minutes(1, 0, 240), ...minutes(2, 100, 70)]);
    const before = [answers(store, 1), answers(store, 2)];
    const meanwhile: unknown[] = [];
    for (let steps = 0; step(store); steps += 1) {
      if (steps % 20 === 0 || steps > 240) meanwhile.push([answers(store, 1), answers(store, 2)]);
    }
    expect(meanwhile.length).toBeGreaterThan(12);
    expect(meanwhile).toEqual(meanwhile.map(() => before));
    expect(store.looseRows).toBe(0);
    expect([answers(store, 1), answers(store, 2)]).toEqual(before);
  });

  it("begins anew when a process ended in the middle, with the same outcome", async () => {
    const { database, store } = await rig();
    append(store, minutes(1, 0, 240));
    const before = answers(store, 1);
    while (tracks(database, 1) === 0) step(store);
    const next = new RowStore(database, TIERS);
    while (step(next));
    expect(next.looseRows).toBe(0);
    expect(answers(next, 1)).toEqual(before);
  });

  it("loses no row that comes late for the time that is being packed", async () => {
    const { database, store } = await rig();
    append(store, [...minutes(1, 0, 100), ...minutes(2, 0, 240)]);
    while (tracks(database, 1) === 0) step(store);
    append(store, minutes(1, 100, 140));
    const whole = answers(store, 1);
    while (step(store));
    expect(store.looseRows).toBe(0);
    expect(answers(store, 1)).toEqual(whole);
  });

  it("joins a row that comes late with the packed minutes of its hour", async () => {
    const { store } = await rig();
    const late = minutes(1, 70, 1);
    const others = minutes(1, 0, 240).filter(({ at }) => at !== late[0]?.at);
    append(store, others);
    while (step(store));
    append(store, late);
    while (step(store));
    const { store: prompt } = await rig();
    append(prompt, minutes(1, 0, 240));
    expect(answers(store, 1)).toEqual(answers(prompt, 1));
  });

  it("brings nothing of a node back that was forgotten meanwhile", async () => {
    const { database, store } = await rig();
    append(store, minutes(1, 0, 240));
    while (tracks(database, 1) === 0) step(store);
    database.exec("DELETE FROM loose WHERE node = 1; DELETE FROM chunk WHERE node = 1;");
    while (step(store));
    expect(tracks(database, 1)).toBe(0);
  });

  it("packs again what a transaction that failed had packed", async () => {
    const { database, store } = await rig();
    append(store, minutes(1, 0, 240));
    const before = answers(store, 1);
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON chunk WHEN new.track = 1 BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    expect(() => {
      while (store.maintain(NOW, 1000));
    }).toThrow("disk full");
    expect(store.looseRows).toBe(240);
    database.exec("DROP TRIGGER full");
    while (step(store));
    expect(store.looseRows).toBe(0);
    expect(answers(store, 1)).toEqual(before);
  });
});
