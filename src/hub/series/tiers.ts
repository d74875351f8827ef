import { MINUTE_MS } from "./rows.ts";

const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The beginning of the step that a time lies in. */
export function floorTo(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

/** One resolution of the history. */
export interface Tier {
  readonly id: number;
  readonly stepMs: number;
  /** Time that one packed chunk holds. */
  readonly chunkMs: number;
  readonly keepMs: number;
}

export interface Retention {
  readonly minuteDays: number;
  readonly quarterDays: number;
  readonly hourDays: number;
}

/** Finest first. Every chunk of a coarser tier is made of whole chunks of the first. */
export function tiersOf({
  minuteDays,
  quarterDays,
  hourDays,
}: Retention): readonly [Tier, ...Tier[]] {
  return [
    { id: 0, stepMs: MINUTE_MS, chunkMs: 4 * HOUR_MS, keepMs: minuteDays * DAY_MS },
    { id: 1, stepMs: 15 * MINUTE_MS, chunkMs: DAY_MS, keepMs: quarterDays * DAY_MS },
    { id: 2, stepMs: HOUR_MS, chunkMs: 8 * DAY_MS, keepMs: hourDays * DAY_MS },
  ];
}

const DEFAULT_POINTS = 1000;

/**
 * The tier that comes closest to the step asked for without being coarser, gives no more points than wanted and still has the beginning of the
 * range; the coarsest where none does all of that.
 */
export function tierFor(
  tiers: readonly [Tier, ...Tier[]],
  query: {
    readonly from: number;
    readonly to: number;
    readonly stepMs?: number;
    readonly maxPoints?: number;
  },
  now: number,
): Tier {
  const { from, to, stepMs = 0, maxPoints = DEFAULT_POINTS } = query;
  const isFine = (tier: Tier): boolean => (to - from) / tier.stepMs <= maxPoints;
  const isKept = (tier: Tier): boolean => from >= now - tier.keepMs;
  const fitting = tiers.filter((tier) => isFine(tier) && isKept(tier));
  // A step between two tiers is served by the finer one.
  const asked = fitting.findLast((tier) => tier.stepMs <= stepMs);
  return asked ?? fitting[0] ?? tiers.at(-1) ?? tiers[0];
}
