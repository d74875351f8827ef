/** The clock on the wall of a time zone. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** Since midnight, as the clock shows it. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones come from settings: a handful. */
const MOST_FORMATS = 32;

/** Throws `RangeError` for a name that is no zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  if (formats.size >= MOST_FORMATS) formats.clear();
  formats.set(timeZone, format);
  return format;
}

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Throws `RangeError` for a name that is no zone. */
export function wallTime(at: number, timeZone: string): WallTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: of("year"),
    month: of("month"),
    day: of("day"),
    minute: of("hour") * 60 + of("minute"),
  };
}

/** The moment at which the clock of the zone shows midnight of this day; within an hour where midnight is left out. */
export function midnight(
  { year, month, day }: Pick<WallTime, "year" | "month" | "day">,
  timeZone: string,
): number {
  const guess = Date.UTC(year, month - 1, day);
  let at = guess;
  // The zone's offset may differ between the guess and the answer, so look twice.
  for (let round = 0; round < 2; round += 1) {
    const wall = wallTime(at, timeZone);
    const shown = Date.UTC(wall.year, wall.month - 1, wall.day) + wall.minute * 60_000;
    at += guess - shown;
  }
  return at;
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

export interface MonthStarts {
  /** The latest beginning of a month that starts on this day, or on its last day where it is shorter. */
  startOf(now: number, firstDay: number): number;
  /** Day of the month in the zone. */
  dayOf(at: number): number;
}

/** Months in one zone; remembers what it was asked, for one look at many nodes. */
export function monthStart(timeZone: string): MonthStarts {
  const starts = new Map<number, number>();
  const days = new Map<number, number>();
  let today: WallTime | undefined;
  const compute = (now: number, firstDay: number): number => {
    const { year, month, day } = (today ??= wallTime(now, timeZone));
    const first = Math.min(firstDay, lastDayOf(year, month));
    if (day >= first) return midnight({ year, month, day: first }, timeZone);
    const [lastYear, lastMonth] = month === 1 ? [year - 1, 12] : [year, month - 1];
    const before = Math.min(firstDay, lastDayOf(lastYear, lastMonth));
    return midnight({ year: lastYear, month: lastMonth, day: before }, timeZone);
  };
  return {
    startOf(now, firstDay) {
      const known = starts.get(firstDay) ?? compute(now, firstDay);
      starts.set(firstDay, known);
      return known;
    },
    dayOf(at) {
      const known = days.get(at) ?? wallTime(at, timeZone).day;
      days.set(at, known);
      return known;
    },
  };
}
