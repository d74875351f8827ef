import type { Clock } from "../../../core/clock.ts";
import type { Hub } from "../../../hub/hub.ts";
import { coversNode } from "../../../hub/probes.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { PingPoint } from "../../../hub/series/series.ts";
import type { Audience } from "./node-figures.ts";

const DAYS = 30;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CURRENT_MS = 15 * 60_000;
/** What is shown may be this old. */
const FRESH_MS = 60_000;
/** A board that takes long to make is made less often: at most this part of the time is spent on it. */
const SHARE = 20;
/** The oldest nodes stand for a larger fleet. */
const MAX_NODES = 1000;

/** What the last thirty days of a ping task look like, all nodes together; the last place is today. */
export interface ServiceStats {
  readonly current_up: number;
  readonly current_down: number;
  readonly total_up: number;
  readonly total_down: number;
  readonly delay: readonly number[];
  readonly up: readonly number[];
  readonly down: readonly number[];
}

class Tally {
  readonly #up = Array.from({ length: DAYS }, () => 0);
  readonly #down = Array.from({ length: DAYS }, () => 0);
  readonly #delay = Array.from({ length: DAYS }, () => 0);
  #currentUp = 0;
  #currentDown = 0;

  add({ sent, lost, meanMs }: PingPoint, daysAgo: number): void {
    const place = DAYS - 1 - daysAgo;
    if (place < 0 || place >= DAYS) return;
    const answered = sent - lost;
    this.#up[place] = (this.#up[place] ?? 0) + answered;
    this.#down[place] = (this.#down[place] ?? 0) + lost;
    this.#delay[place] = (this.#delay[place] ?? 0) + answered * meanMs;
  }

  /** Of the last quarter of an hour; counted as one of today's as well. */
  addCurrent({ sent, lost }: PingPoint): void {
    this.#currentUp += sent - lost;
    this.#currentDown += lost;
  }

  stats(): ServiceStats {
    const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
    return {
      current_up: this.#currentUp,
      current_down: this.#currentDown,
      total_up: sum(this.#up),
      total_down: sum(this.#down),
      delay: this.#delay.map((total, place) => total / Math.max(1, this.#up[place] ?? 0)),
      up: [...this.#up],
      down: [...this.#down],
    };
  }
}

type Board = Readonly<Record<Audience, ReadonlyMap<number, ServiceStats>>>;

/** Thirty days of every ping task. Reading them for a large fleet takes a while, so that all viewers share one board. */
export class ServiceBoard {
  readonly #hub: Hub;
  readonly #clock: Clock;
  #board: Board | undefined;
  #madeMs = 0;
  #tookMs = 0;
  #signature = "";
  #making: Promise<Board> | undefined;

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /** By task. An older board is good enough, unless somebody would see what is hidden now. Rejects with `StorageError`. */
  async read(audience: Audience): Promise<ReadonlyMap<number, ServiceStats>> {
    const signature = this.#hidden();
    const board = signature === this.#signature ? this.#board : undefined;
    const age = this.#clock.monotonic() - this.#madeMs;
    if (board !== undefined && age < Math.max(FRESH_MS, this.#tookMs * SHARE))
      return board[audience];
    this.#making ??= this.#make(signature).finally(() => {
      this.#making = undefined;
    });
    if (board === undefined) return (await this.#making)[audience];
    this.#making.catch(() => undefined);
    return board[audience];
  }

  #hidden(): string {
    const hidden = this.#hub.registry.nodes.filter((node) => node.isHidden);
    return hidden.map(({ id }) => id).join();
  }

  async #make(signature: string): Promise<Board> {
    const began = this.#clock.monotonic();
    const tallies = { guest: new Map<number, Tally>(), member: new Map<number, Tally>() };
    const { tasks } = this.#hub.probes;
    const covered = this.#hub.registry.nodes.filter(({ id }) =>
      tasks.some((task) => coversNode(task, id)),
    );
    for (const node of covered.slice(0, MAX_NODES)) await this.#addNode(node, tallies);
    const statsOf = (map: ReadonlyMap<number, Tally>) =>
      new Map([...map].map(([task, tally]) => [task, tally.stats()] as const));
    this.#board = { guest: statsOf(tallies.guest), member: statsOf(tallies.member) };
    this.#madeMs = this.#clock.monotonic();
    this.#tookMs = this.#madeMs - began;
    this.#signature = signature;
    return this.#board;
  }

  /** Whole hours, and the minutes of the current part of an hour. One node after the other: reports go first. */
  async #addNode(
    node: NodeRecord,
    tallies: Readonly<Record<Audience, Map<number, Tally>>>,
  ): Promise<void> {
    const { series } = this.#hub;
    const now = this.#clock.now();
    const today = Math.floor(now / DAY_MS);
    const first = (today - DAYS + 1) * DAY_MS;
    const { points } = await series.pings({ node: node.id, from: first, to: now, stepMs: HOUR_MS });
    const recent = await series.pings({ node: node.id, from: now - CURRENT_MS, to: now });
    const audiences: readonly Audience[] = node.isHidden ? ["member"] : ["member", "guest"];
    const tallyOf = (audience: Audience, task: number): Tally => {
      const tally = tallies[audience].get(task) ?? new Tally();
      tallies[audience].set(task, tally);
      return tally;
    };
    for (const audience of audiences) {
      for (const point of points) {
        tallyOf(audience, point.task).add(point, today - Math.floor(point.at / DAY_MS));
      }
      for (const point of recent.points) tallyOf(audience, point.task).addCurrent(point);
    }
  }
}
