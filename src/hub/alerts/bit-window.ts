/** The last so many samples of one figure, a bit each: newest in the lowest place. */
export interface BitWindow {
  /** Whether the figure was too high. */
  readonly bad: number;
  /** Whether there was a figure at all. */
  readonly known: number;
}

export const EMPTY_WINDOW: BitWindow = { bad: 0, known: 0 };

/** Bits of a number that every operation keeps. */
export const MOST_SAMPLES = 30;

/** How often a window is sampled, and what it takes to raise. */
export interface WindowPlan {
  /** A multiple of the base period. */
  readonly periodSeconds: number;
  readonly samples: number;
  /** So many bad ones raise; less than half as many clear. */
  readonly needed: number;
}

/** Long windows are sampled less often, so that every window fits into one number. */
export function planWindow(
  windowSeconds: number,
  sharePercent: number,
  baseSeconds: number,
): WindowPlan {
  const fits = Math.ceil(windowSeconds / MOST_SAMPLES / baseSeconds) * baseSeconds;
  const periodSeconds = Math.max(baseSeconds, fits);
  const samples = Math.max(1, Math.min(MOST_SAMPLES, Math.round(windowSeconds / periodSeconds)));
  const needed = Math.max(1, Math.ceil((samples * sharePercent) / 100));
  return { periodSeconds, samples, needed };
}

function countBits(bits: number): number {
  let rest = bits;
  let count = 0;
  while (rest !== 0) {
    rest &= rest - 1;
    count += 1;
  }
  return count;
}

/** Adds a sample; undefined is none. */
export function pushSample(
  { bad, known }: BitWindow,
  isBad: boolean | undefined,
  { samples }: WindowPlan,
): BitWindow {
  const mask = (1 << samples) - 1;
  return {
    bad: ((bad << 1) | (isBad === true ? 1 : 0)) & mask,
    known: ((known << 1) | (isBad === undefined ? 0 : 1)) & mask,
  };
}

/** What a window says: too high for too long, not any more, or nothing. */
export function judgeWindow(
  { bad, known }: BitWindow,
  { samples, needed }: WindowPlan,
): boolean | undefined {
  const badCount = countBits(bad);
  if (badCount >= needed) return true;
  // Silence is no recovery: half of the window must have been heard.
  if (countBits(known) * 2 < samples) return undefined;
  return badCount * 2 < needed ? false : undefined;
}
