import { unpackCurves } from "./packed-curves.ts";
import type { PackedRange } from "./requests.ts";
import { LOAD_TRACK, loadOf } from "./rows.ts";
import type { LoadPoint, PingCurve, PingCurves, PingPoint, SeriesRange } from "./series.ts";

// What the thread of the database hands over, as callers want it.

export function loadRangeOf({ stepMs, numbers }: PackedRange): SeriesRange<LoadPoint> {
  const curve = unpackCurves(numbers).find(({ track }) => track === LOAD_TRACK);
  if (curve === undefined) return { stepMs, points: [] };
  const { at, columns } = curve;
  const points = Array.from(at, (start, row) => ({
    at: start,
    ...loadOf((index) => columns[index]?.[row] ?? 0),
  }));
  return { stepMs, points };
}

export function pingCurvesOf({ stepMs, numbers }: PackedRange): PingCurves {
  const curves = unpackCurves(numbers).map(({ track, at, columns }): PingCurve => {
    const column = (index: number): Float64Array => columns[index] ?? new Float64Array(at.length);
    return {
      task: track,
      at,
      sent: column(0),
      lost: column(1),
      meanMs: column(2),
      minMs: column(3),
      maxMs: column(4),
    };
  });
  return { stepMs, curves };
}

function pingPoint(curve: PingCurve, row: number): PingPoint {
  return {
    at: curve.at[row] ?? 0,
    task: curve.task,
    sent: curve.sent[row] ?? 0,
    lost: curve.lost[row] ?? 0,
    meanMs: curve.meanMs[row] ?? 0,
    minMs: curve.minMs[row] ?? 0,
    maxMs: curve.maxMs[row] ?? 0,
  };
}

/** Visits the rows of all curves by time, those of one time in the order of the curves. */
export function visitByTime(
  curves: readonly PingCurve[],
  visit: (curve: PingCurve, row: number) => void,
): void {
  const places = curves.map((curve) => ({ curve, row: 0 }));
  for (;;) {
    let at = Number.POSITIVE_INFINITY;
    for (const { curve, row } of places) at = Math.min(at, curve.at[row] ?? at);
    if (at === Number.POSITIVE_INFINITY) return;
    for (const place of places) {
      if (place.curve.at[place.row] !== at) continue;
      visit(place.curve, place.row);
      place.row += 1;
    }
  }
}

export function pingRangeOf({ stepMs, curves }: PingCurves): SeriesRange<PingPoint> {
  const points: PingPoint[] = [];
  visitByTime(curves, (curve, row) => {
    points.push(pingPoint(curve, row));
  });
  return { stepMs, points };
}
