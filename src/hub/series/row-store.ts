import type { Database, Statement } from "better-sqlite3";
import { systemClock } from "../../core/clock.ts";
import { ContinuedMinute } from "./continued-minute.ts";
import type { PackedRange, TrackQuery } from "./requests.ts";
import { packCurves } from "./packed-curves.ts";
import { LOAD_TRACK, MINUTE_MS } from "./rows.ts";
import { Sealer } from "./sealer.ts";
import { floorTo, tierFor } from "./tiers.ts";
import type { Tier } from "./tiers.ts";
import { addPayload, emptyTrack, mergeTracks, rollUp, unpackTrack } from "./track.ts";
import type { Track } from "./track.ts";
import { VarintReader } from "./varint.ts";

/** A minute is packed no sooner than this after its end: rows may still come. */
const SETTLE_MS = 5 * MINUTE_MS;
/** Free pages beyond this share of the file go back to the file system. */
const FREE_SHARE = 0.25;
const FREE_PAGES_KEPT = 512;
const PAGES_AT_ONCE = 128;
/** Minutes that may wait to be packed: a clock that was set years ahead must not make a query search years. */
const MOST_LOOSE_MINUTES = 1440;

interface LooseRow {
  readonly at: number;
  readonly payload: Uint8Array;
}

interface ChunkRow {
  readonly track: number;
  readonly start: number;
  readonly packed: Uint8Array;
}

function isWanted({ kind, task }: TrackQuery, track: number): boolean {
  if (kind === "load" || track === LOAD_TRACK) return kind === "load" && track === LOAD_TRACK;
  return task === undefined || task === track;
}

function statementsOf(database: Database) {
  return {
    putLoose: database.prepare<[number, number, Uint8Array]>(
      "INSERT OR REPLACE INTO loose (at, node, payload) VALUES (?, ?, ?)",
    ),
    oneLoose: database.prepare<[number, number], LooseRow>(
      "SELECT at, payload FROM loose WHERE at = ? AND node = ?",
    ),
    countLoose: database.prepare<[], { count: number }>("SELECT count(*) AS count FROM loose"),
    firstLoose: database.prepare<[], { at: number | null }>("SELECT min(at) AS at FROM loose"),
    lastLoose: database.prepare<[], { at: number | null }>("SELECT max(at) AS at FROM loose"),
    trackChunks: database.prepare<[number, number, number, number, number], ChunkRow>(
      "SELECT track, start, packed FROM chunk WHERE node = ? AND tier = ? AND track = ? AND start BETWEEN ? AND ? ORDER BY start",
    ),
    tracksOf: database.prepare<[number, number], { track: number }>(
      "SELECT DISTINCT track FROM chunk WHERE node = ? AND tier = ?",
    ),
    dropOld: database.prepare<[number, number, number, number]>(
      "DELETE FROM chunk WHERE node = ? AND tier = ? AND track = ? AND start < ?",
    ),
    nextNode: database.prepare<[number], { node: number }>(
      "SELECT node FROM chunk WHERE node > ? ORDER BY node LIMIT 1",
    ),
  };
}

/** Minutes of a node that are not packed, as the statement gives each. */
function looseTracks(
  one: Statement<[number, number], LooseRow>,
  node: number,
  { from, to }: { readonly from: number; readonly to: number },
): Map<number, Track> {
  const tracks = new Map<number, Track>();
  const last = floorTo(to, MINUTE_MS);
  const first = Math.max(from, last - MOST_LOOSE_MINUTES * MINUTE_MS);
  for (let at = floorTo(first + MINUTE_MS - 1, MINUTE_MS); at <= last; at += MINUTE_MS) {
    const row = one.get(at, node);
    if (row !== undefined) addPayload(tracks, at, row.payload);
  }
  return tracks;
}

/** The series inside an open database. Everything here is at once; errors of SQLite pass through. */
export class RowStore {
  readonly #database: Database;
  readonly #tiers: readonly [Tier, ...Tier[]];
  readonly #sql: ReturnType<typeof statementsOf>;
  readonly #continued: ContinuedMinute;
  readonly #sealer: Sealer;
  /** Where the sweep of old chunks goes on. */
  #sweptNode = 0;

  constructor(database: Database, tiers: readonly [Tier, ...Tier[]]) {
    this.#database = database;
    this.#tiers = tiers;
    this.#sql = statementsOf(database);
    this.#sealer = new Sealer(database, tiers);
    this.#continued = new ContinuedMinute(this.#sql.lastLoose.get()?.at ?? undefined);
  }

  /** Rows as `encodeBatch` lays them out, in one transaction. */
  append(rows: Uint8Array): void {
    const insert = this.#database.transaction(() => {
      const reader = new VarintReader(rows);
      while (!reader.isAtEnd) {
        const at = reader.unsigned() * MINUTE_MS;
        const node = reader.unsigned();
        const payload = reader.raw(reader.unsigned());
        this.#sealer.touch(at);
        const read = (): Uint8Array | undefined => this.#sql.oneLoose.get(at, node)?.payload;
        this.#sql.putLoose.run(at, node, this.#continued.continue(at, node, payload, read));
      }
    });
    insert.immediate();
  }

  range(query: TrackQuery, now: number): PackedRange {
    const tier = tierFor(this.#tiers, query, now);
    const from = floorTo(query.from, tier.stepMs);
    const tracks = this.#packedTracks(query, tier, from);
    this.#addLoose(tracks, query, tier);
    return { stepMs: tier.stepMs, numbers: packCurves(tracks, from, query.to) };
  }

  /** Packs what is old enough and removes what is too old, for about `budgetMs`. True when there is more to do. */
  maintain(now: number, budgetMs: number): boolean {
    const sealBefore = floorTo(now - SETTLE_MS, this.#tiers[0].chunkMs);
    // One transaction: each has its own cost.
    const seal = this.#database.transaction(() => {
      const until = systemClock.monotonic() + budgetMs;
      while (this.#sealer.step(sealBefore, now)) {
        if (systemClock.monotonic() >= until) return true;
      }
      return false;
    });
    const first = this.#sql.firstLoose.get()?.at ?? sealBefore;
    try {
      if (first < sealBefore && seal.immediate()) return true;
    } catch (error) {
      this.#sealer.restart();
      throw error;
    }
    this.#sweep(now);
    this.#shrink();
    return false;
  }

  get looseRows(): number {
    return this.#sql.countLoose.get()?.count ?? 0;
  }

  #tracksFor({ node, kind, task }: TrackQuery, tier: Tier): readonly number[] {
    if (kind === "load") return [LOAD_TRACK];
    if (task !== undefined) return [task];
    const all = this.#sql.tracksOf.all(node, tier.id).map(({ track }) => track);
    return all.filter((track) => track !== LOAD_TRACK);
  }

  #packedTracks(query: TrackQuery, tier: Tier, from: number): Map<number, Track> {
    const tracks = new Map<number, Track>();
    const first = floorTo(from, tier.chunkMs);
    for (const id of this.#tracksFor(query, tier)) {
      const track = emptyTrack();
      tracks.set(id, track);
      const rows = this.#sql.trackChunks.iterate(query.node, tier.id, id, first, query.to);
      for (const { start, packed } of rows) {
        unpackTrack(packed, { start, stepMs: tier.stepMs }, track);
      }
    }
    return tracks;
  }

  /** Minutes that are not packed yet, in the resolution of the tier. */
  #addLoose(tracks: Map<number, Track>, query: TrackQuery, tier: Tier): void {
    const first = this.#sql.firstLoose.get()?.at ?? query.to + 1;
    const last = Math.min(query.to, this.#sql.lastLoose.get()?.at ?? 0);
    const from = floorTo(Math.max(query.from, first), tier.stepMs);
    for (const [id, track] of looseTracks(this.#sql.oneLoose, query.node, { from, to: last })) {
      if (!isWanted(query, id)) continue;
      const known = tracks.get(id) ?? emptyTrack();
      tracks.set(id, mergeTracks(known, rollUp(id, track, tier.stepMs)));
    }
  }

  #dropOld(node: number, tier: Tier, id: number, now: number): void {
    this.#sql.dropOld.run(node, tier.id, id, now - tier.keepMs - tier.chunkMs);
  }

  /** Nodes that report no more, and tasks that are no more, get old as well: one node a time. */
  #sweep(now: number): void {
    const next = this.#sql.nextNode.get(this.#sweptNode)?.node;
    this.#sweptNode = next ?? 0;
    if (next === undefined) return;
    for (const tier of this.#tiers) {
      for (const { track } of this.#sql.tracksOf.all(next, tier.id)) {
        this.#dropOld(next, tier, track, now);
      }
    }
  }

  #shrink(): void {
    const free = Number(this.#database.pragma("freelist_count", { simple: true }));
    const pages = Number(this.#database.pragma("page_count", { simple: true }));
    if (free <= FREE_PAGES_KEPT || free <= pages * FREE_SHARE) return;
    this.#database.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
  }
}
