import type {
  AlertCondition,
  AlertPreview,
  AlertPreviewNode,
  AlertRuleBody,
} from "../../protocol/fleet/alerts.ts";
import type { KvmBoard } from "../kvm-board.ts";
import type { Presence } from "../presence.ts";
import type { NodeRecord, Registry } from "../registry.ts";
import type { LoadPoint, PingPoint, Series } from "../series/series.ts";
import { EMPTY_WINDOW, judgeWindow, planWindow, pushSample } from "./bit-window.ts";
import { countedTraffic, daysLeft, readMetric } from "./figures.ts";
import { readKvmAlert } from "./kvm-judge.ts";
import { judgePings } from "./ping-window.ts";
import { compileScope } from "./scope.ts";
import { monthStart } from "../zone-time.ts";

// What a rule would have raised. The history holds means of minutes and longer, so short peaks are not seen.

/** At most so many nodes are looked at: a preview must not keep the database busy. */
const MOST_NODES = 200;
const AT_ONCE = 4;
const MOST_POINTS = 2000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SHORTEST_MONTH_MS = 28 * DAY_MS;

export interface PreviewOptions {
  readonly rule: AlertRuleBody;
  readonly hours: number;
  readonly registry: Registry;
  readonly series: Pick<Series, "load" | "pings">;
  readonly presence: Presence;
  readonly kvm: Pick<KvmBoard, "of">;
  readonly now: number;
}

interface Spell {
  readonly from: number;
  readonly to: number | null;
}

/** One moment: whether it is bad, undefined where nothing can be said. */
interface Moment {
  readonly at: number;
  readonly isBad: boolean | undefined;
}

/** Moments in ascending order; a spell lasts until the next good one. */
export function spellsOf(moments: readonly Moment[]): Spell[] {
  const spells: Spell[] = [];
  let from: number | undefined;
  for (const { at, isBad } of moments) {
    if (isBad === true) from ??= at;
    if (isBad !== false || from === undefined) continue;
    spells.push({ from, to: at });
    from = undefined;
  }
  if (from !== undefined) spells.push({ from, to: null });
  return spells;
}

type Condition<K extends AlertCondition["kind"]> = Extract<AlertCondition, { kind: K }>;

/** Every point is one sample of the window. */
export function loadMoments(
  { metric, threshold, windowSeconds, sharePercent }: Condition<"load">,
  points: readonly LoadPoint[],
  stepMs: number,
): Moment[] {
  const stepSeconds = stepMs / 1000;
  const plan = planWindow(Math.max(windowSeconds, stepSeconds), sharePercent, stepSeconds);
  let window = EMPTY_WINDOW;
  let last = Number.NaN;
  return points.map((point) => {
    const missed = Math.min(plan.samples, Math.round((point.at - last) / stepMs) - 1);
    for (let gap = 0; gap < missed; gap += 1) window = pushSample(window, undefined, plan);
    last = point.at;
    const value = readMetric(metric, point, point.temperatureCelsius);
    window = pushSample(window, value === undefined ? undefined : value >= threshold, plan);
    return { at: point.at + stepMs, isBad: judgeWindow(window, plan) };
  });
}

/** Gaps between points are times without any report. */
export function offlineSpells(
  { afterSeconds }: Condition<"offline">,
  points: readonly LoadPoint[],
  stepMs: number,
  now: number,
): Spell[] {
  const least = afterSeconds * 1000 + stepMs;
  const spells: Spell[] = [];
  for (const [index, { at }] of points.entries()) {
    const next = points[index + 1]?.at;
    const end = at + stepMs;
    const until = next ?? now;
    if (until - end >= least) {
      spells.push({ from: end + afterSeconds * 1000, to: next ?? null });
    }
  }
  return spells;
}

function pingMoments(
  { measure, threshold }: Condition<"ping">,
  points: readonly PingPoint[],
  stepMs: number,
): Moment[] {
  return points.map(({ at, sent, lost, meanMs }) => {
    // A stored minute may hold a single answer: here it has to do.
    const enough = Math.max(sent, 3);
    const shown = {
      sent: enough,
      lost: (lost * enough) / sent,
      meanMs: lost < sent ? meanMs : undefined,
    };
    return { at: at + stepMs, isBad: judgePings(shown, measure, threshold).isBad };
  });
}

/** Months in UTC; sums what was moved since the beginning of each. */
function trafficMoments(
  { percent }: Condition<"traffic">,
  node: NodeRecord,
  points: readonly LoadPoint[],
): Moment[] {
  if (node.trafficLimitBytes <= 0) return [];
  const firstDay = node.expiresAt === undefined ? 1 : new Date(node.expiresAt).getUTCDate();
  let start = Number.NaN;
  let received = 0;
  let sent = 0;
  return points.map(({ at, receivedDeltaBytes, sentDeltaBytes }) => {
    if (!(at - start < SHORTEST_MONTH_MS)) {
      const month = monthStart("UTC").startOf(at, firstDay);
      if (month !== start) [start, received, sent] = [month, 0, 0];
    }
    received += receivedDeltaBytes;
    sent += sentDeltaBytes;
    const used = countedTraffic(node.trafficLimitType, {
      receivedBytes: received,
      sentBytes: sent,
    });
    return { at, isBad: (100 * used) / node.trafficLimitBytes >= percent };
  });
}

function expirySpells(
  { days }: Condition<"expiry">,
  node: NodeRecord,
  from: number,
  now: number,
): Spell[] {
  const left = daysLeft(node, now);
  if (left === undefined || left > days) return [];
  return [{ from: Math.max(from, now - (days - left) * DAY_MS), to: null }];
}

/** There is no history of it: only what would be raised now. */
function kvmSpells(
  { alert }: Condition<"kvm">,
  { id }: NodeRecord,
  { presence, kvm, now }: PreviewOptions,
): Spell[] {
  const status = presence.isOnline(id) ? kvm.of(id) : undefined;
  const isSo = status !== undefined && readKvmAlert(alert, status) === true;
  return isSo ? [{ from: now, to: null }] : [];
}

interface Found {
  readonly spells: readonly Spell[];
  readonly stepMs: number;
}

async function lookAt(node: NodeRecord, options: PreviewOptions, from: number): Promise<Found> {
  const { rule, series, presence, now } = options;
  const { condition } = rule;
  const range = { node: node.id, from, to: now, maxPoints: MOST_POINTS };
  if (condition.kind === "expiry") {
    return { spells: expirySpells(condition, node, from, now), stepMs: 0 };
  }
  if (condition.kind === "kvm") return { spells: kvmSpells(condition, node, options), stepMs: 0 };
  if (condition.kind === "ping") {
    const { stepMs, points } = await series.pings({ ...range, task: condition.task });
    return { spells: spellsOf(pingMoments(condition, points, stepMs)), stepMs };
  }
  // A month may have begun before what is asked for.
  const since = condition.kind === "traffic" ? from - 31 * DAY_MS : from;
  const { stepMs, points } = await series.load({ ...range, from: since });
  switch (condition.kind) {
    case "load":
      return { spells: spellsOf(loadMoments(condition, points, stepMs)), stepMs };
    case "traffic": {
      const moments = trafficMoments(condition, node, points).filter(({ at }) => at >= from);
      return { spells: spellsOf(moments), stepMs };
    }
    case "offline": {
      // Who is there now has no gap at the end, however coarse the history.
      const end = presence.isOnline(node.id) ? (points.at(-1)?.at ?? now) : now;
      return { spells: offlineSpells(condition, points, stepMs, end), stepMs };
    }
  }
}

const lengthOf = (spells: readonly Spell[], now: number): number =>
  spells.reduce((sum, { from, to }) => sum + (to ?? now) - from, 0);

/** Rejects with `StorageError`. */
export async function previewRule(options: PreviewOptions): Promise<AlertPreview> {
  const { rule, hours, registry, now } = options;
  const from = now - hours * HOUR_MS;
  const covered = registry.nodes.filter(compileScope(rule.scope));
  const examined = covered.slice(0, MOST_NODES);
  const nodes: AlertPreviewNode[] = [];
  let coarsest = 0;
  for (let first = 0; first < examined.length; first += AT_ONCE) {
    const part = examined.slice(first, first + AT_ONCE);
    const found = await Promise.all(part.map((node) => lookAt(node, options, from)));
    for (const [index, { spells, stepMs }] of found.entries()) {
      coarsest = Math.max(coarsest, stepMs);
      const node = part[index]?.id ?? 0;
      if (spells.length > 0) nodes.push({ node, spells });
    }
  }
  nodes.sort((a, b) => lengthOf(b.spells, now) - lengthOf(a.spells, now));
  const counts = { covered: covered.length, examined: examined.length };
  return { from, to: now, stepMs: coarsest, ...counts, nodes };
}
