import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { PingPoint } from "../../../hub/series/series.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** What one node measured for one ping task. */
export interface PingCurve {
  readonly task: ProbeTask;
  readonly points: readonly PingPoint[];
}

/** Points per curve: a day of minutes and some. */
const MAX_POINTS = 1500;

/** A lost packet counts as 0 ms, as in the original: front ends tell the loss from that. */
export function meanDelay({ sent, lost, meanMs }: PingPoint): number {
  return lost === 0 ? meanMs : (meanMs * (sent - lost)) / sent;
}

export interface CurveQuery {
  readonly node: NodeRecord;
  readonly days: number;
  readonly now: number;
  /** Only these tasks. */
  readonly takes: (task: ProbeTask) => boolean;
}

/** Curves of a node that have a point at all, by task. Rejects with `StorageError`. */
export async function pingCurves(hub: Hub, query: CurveQuery): Promise<readonly PingCurve[]> {
  const { node, days, now, takes } = query;
  const tasks = hub.probes.tasks.filter((task) => takes(task) && coversNode(task, node.id));
  if (tasks.length === 0) return [];
  const { points } = await hub.series.pings({
    node: node.id,
    from: now - days * DAY_MS,
    to: now,
    stepMs: MINUTE_MS,
    maxPoints: MAX_POINTS,
  });
  return tasks
    .map((task) => ({ task, points: points.filter((point) => point.task === task.id) }))
    .filter((curve) => curve.points.length > 0);
}
