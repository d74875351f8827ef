import type { Database } from "better-sqlite3";
import { MINUTE_MS } from "./rows.ts";
import { floorTo } from "./tiers.ts";
import type { Tier } from "./tiers.ts";
import { addPayload, emptyTrack, mergeTracks, packTrack, rollUp, unpackTrack } from "./track.ts";
import type { Track } from "./track.ts";

/** One curve of a node that is to be packed. */
interface Curve {
  readonly id: number;
  readonly track: Track;
}

interface Pending {
  readonly node: number;
  /** When its first loose row is gone, the node was forgotten meanwhile. */
  readonly firstAt: number;
  readonly curves: Curve[];
}

function statementsOf(database: Database) {
  return {
    first: database.prepare<[], { at: number | null }>("SELECT min(at) AS at FROM loose"),
    nodesAt: database.prepare<[number], { node: number }>("SELECT node FROM loose WHERE at = ?"),
    row: database.prepare<[number, number], { payload: Uint8Array }>(
      "SELECT payload FROM loose WHERE at = ? AND node = ?",
    ),
    drop: database.prepare<[number]>("DELETE FROM loose WHERE at < ?"),
    chunk: database.prepare<[number, number, number, number], { packed: Uint8Array }>(
      "SELECT packed FROM chunk WHERE node = ? AND tier = ? AND track = ? AND start = ?",
    ),
    putChunk: database.prepare<[number, number, number, number, Uint8Array]>(
      "INSERT OR REPLACE INTO chunk (node, tier, track, start, packed) VALUES (?, ?, ?, ?, ?)",
    ),
    dropOld: database.prepare<[number, number, number, number]>(
      "DELETE FROM chunk WHERE node = ? AND tier = ? AND track = ? AND start < ?",
    ),
  };
}

/**
 * Packs loose minutes into chunks of every tier, in steps of a few milliseconds between which others may read and write.
 * A chunk's time is packed for all nodes before its loose rows go, whole steps of the coarsest tier at once: rows of one
 * time lie beside each other. Until then packing may begin anew at any point, since it gives the same again; hence
 * nothing has to be remembered in the file.
 */
export class Sealer {
  readonly #sql: ReturnType<typeof statementsOf>;
  readonly #tiers: readonly [Tier, ...Tier[]];
  readonly #coarsestMs: number;
  /** The chunk's time that is being packed. */
  #start = Number.NaN;
  /** Minutes before this one have been searched for nodes. */
  #minute = Number.NaN;
  readonly #known = new Set<number>();
  #nodes: number[] = [];
  #pending: Pending | undefined;

  constructor(database: Database, tiers: readonly [Tier, ...Tier[]]) {
    this.#sql = statementsOf(database);
    this.#tiers = tiers;
    this.#coarsestMs = Math.max(...tiers.map(({ stepMs }) => stepMs));
  }

  /** Rows came for this time: where it is being packed, that begins anew. */
  touch(at: number): void {
    if (at < this.#start + this.#tiers[0].chunkMs) this.restart();
  }

  /** What was packed may not be in the file, as after a transaction that failed. */
  restart(): void {
    this.#begin(Number.NaN);
  }

  /** The next step inside a transaction of the caller's; false when nothing before `sealBefore` is left to pack. */
  step(sealBefore: number, now: number): boolean {
    const first = this.#sql.first.get()?.at ?? sealBefore;
    if (first >= sealBefore) {
      this.restart();
      return false;
    }
    const start = floorTo(first, this.#tiers[0].chunkMs);
    if (start !== this.#start) this.#begin(start);
    if (this.#pending !== undefined) this.#packOne(this.#pending, now);
    else if (this.#nodes.length > 0) this.#pending = this.#read(this.#nodes.pop() ?? 0);
    else if (this.#minute < start + this.#tiers[0].chunkMs) this.#search();
    else this.#sql.drop.run(floorTo(first, this.#coarsestMs) + this.#coarsestMs);
    return true;
  }

  #begin(start: number): void {
    this.#start = start;
    this.#minute = start;
    this.#known.clear();
    this.#nodes = [];
    this.#pending = undefined;
  }

  /** Nodes that have a row in the next minute and had none in those before. */
  #search(): void {
    for (const { node } of this.#sql.nodesAt.all(this.#minute)) {
      if (this.#known.has(node)) continue;
      this.#known.add(node);
      this.#nodes.push(node);
    }
    this.#minute += MINUTE_MS;
  }

  #read(node: number): Pending | undefined {
    const tracks = new Map<number, Track>();
    let firstAt: number | undefined;
    const end = this.#start + this.#tiers[0].chunkMs;
    for (let at = this.#start; at < end; at += MINUTE_MS) {
      const row = this.#sql.row.get(at, node);
      if (row === undefined) continue;
      firstAt ??= at;
      addPayload(tracks, at, row.payload);
    }
    if (firstAt === undefined) return undefined;
    return { node, firstAt, curves: Array.from(tracks, ([id, track]) => ({ id, track })) };
  }

  #packOne({ node, firstAt, curves }: Pending, now: number): void {
    const curve = curves.pop();
    if (curve === undefined || this.#sql.row.get(firstAt, node) === undefined) {
      this.#pending = undefined;
      return;
    }
    const [finest, ...coarser] = this.#tiers;
    const { id } = curve;
    // Late rows come alone: only with those that were packed before do they make up a longer time.
    const track = this.#merge(node, finest, curve);
    for (const tier of coarser) {
      this.#merge(node, tier, { id, track: rollUp(id, track, tier.stepMs) });
    }
    for (const tier of this.#tiers) {
      this.#sql.dropOld.run(node, tier.id, id, now - tier.keepMs - tier.chunkMs);
    }
  }

  /** Adds to what the chunk of that time holds, and returns all of it. */
  #merge(node: number, tier: Tier, { id, track }: Curve): Track {
    const { stepMs } = tier;
    const start = floorTo(this.#start, tier.chunkMs);
    const known = this.#sql.chunk.get(node, tier.id, id, start);
    const before =
      known === undefined ? emptyTrack() : unpackTrack(known.packed, { start, stepMs });
    const merged = mergeTracks(before, track);
    this.#sql.putChunk.run(node, tier.id, id, start, packTrack(merged, start, stepMs));
    return merged;
  }
}
