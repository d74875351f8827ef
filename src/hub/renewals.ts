import type { NodeRecord } from "./registry.ts";

/** Billing cycles that people write down in days and mean in months (Komari 2.3). */
const MONTHS: readonly (readonly [least: number, most: number, months: number])[] = [
  [27, 32, 1],
  [87, 95, 3],
  [175, 185, 6],
  [360, 370, 12],
  [720, 750, 24],
  [1080, 1150, 36],
  [1800, 1850, 60],
];

const DAY_MS = 86_400_000;
/** A node that was not renewed for so long has a wrong date. */
const MOST_CYCLES = 1200;

/** The same day so many months later, or the last one of a month that is too short for it (UTC). */
function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/**
 * The next expiry of a node that is paid for by itself; undefined when nothing has to be renewed. Only nodes that are
 * there: one that is gone was perhaps not paid for.
 */
export function renewedExpiry(
  { expiresAt, isAutoRenewal, billingCycleDays }: NodeRecord,
  isOnline: boolean,
  now: number,
): number | undefined {
  if (!isAutoRenewal || !isOnline || billingCycleDays <= 0) return undefined;
  if (expiresAt === undefined || expiresAt > now) return undefined;
  const months = MONTHS.find(
    ([least, most]) => billingCycleDays >= least && billingCycleDays <= most,
  )?.[2];
  for (let cycle = 1; cycle <= MOST_CYCLES; cycle += 1) {
    const next =
      months === undefined
        ? expiresAt + cycle * billingCycleDays * DAY_MS
        : addMonths(expiresAt, cycle * months);
    if (next > now) return next;
  }
  return undefined;
}
