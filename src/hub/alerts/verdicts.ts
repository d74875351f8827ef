import type { AlertCondition } from "../../protocol/fleet/alerts.ts";
import type { ReceivedReport } from "../report.ts";
import { EMPTY_WINDOW, judgeWindow, planWindow, pushSample } from "./bit-window.ts";
import type { BitWindow, WindowPlan } from "./bit-window.ts";
import { daysLeft, readMetric, usedTrafficPercent } from "./figures.ts";
import { GOOD, UNKNOWN } from "./judge.ts";
import type { Judge, Look, Sources, Verdict } from "./judge.ts";
import { KvmJudge } from "./kvm-judge.ts";
import { judgePings, PingWindow } from "./ping-window.ts";

/** Every node is looked at this often. */
export const BASE_SECONDS = 10;
/** After a start, silence means nothing yet. */
export const GRACE_MS = 120_000;
/** Older reports say nothing about now. */
const FRESH_MS = 120_000;

const nothing = (): void => undefined;

function hottestOf({ temperatures }: ReceivedReport): number {
  let most = 0;
  for (const { celsius } of temperatures) if (celsius > most) most = celsius;
  return most;
}

type Condition<K extends AlertCondition["kind"]> = Extract<AlertCondition, { kind: K }>;

/** Nodes that have never reported are not away. */
function offlineJudge(
  { afterSeconds }: Condition<"offline">,
  { presence, events }: Sources,
  startedMs: number,
): Judge {
  return {
    judge({ node, isOnline, now, nowMs }) {
      if (isOnline) return GOOD;
      if (nowMs - startedMs < GRACE_MS) return UNKNOWN;
      const seenSince = presence.since(node.id);
      const known = events.lastPresence(node.id);
      if (known === undefined) return UNKNOWN;
      const since = known.isOnline ? (seenSince ?? now) : known.at;
      const isBad = now - since >= afterSeconds * 1000;
      return isBad ? { isBad, value: undefined, since } : UNKNOWN;
    },
    forget: nothing,
  };
}

class LoadJudge implements Judge {
  readonly #condition: Condition<"load">;
  readonly #plan: WindowPlan;
  readonly #everyRounds: number;
  /** Only of nodes that were above the threshold lately. */
  readonly #windows = new Map<number, BitWindow>();

  constructor(condition: Condition<"load">) {
    this.#condition = condition;
    const { windowSeconds, sharePercent } = condition;
    this.#plan = planWindow(windowSeconds, sharePercent, BASE_SECONDS);
    this.#everyRounds = this.#plan.periodSeconds / BASE_SECONDS;
  }

  judge(look: Look): Verdict {
    const { node, round, isRaised } = look;
    const before = this.#windows.get(node.id);
    const value = this.#read(look);
    const isHigh = value === undefined ? undefined : value >= this.#condition.threshold;
    // Most nodes, most of the time.
    if (before === undefined && isHigh !== true && !isRaised) return GOOD;
    if (round % this.#everyRounds !== 0) return UNKNOWN;
    const next = pushSample(before ?? EMPTY_WINDOW, isHigh, this.#plan);
    const isBad = judgeWindow(next, this.#plan);
    if (next.bad === 0 && isBad === false) this.#windows.delete(node.id);
    else this.#windows.set(node.id, next);
    return { isBad, value };
  }

  #read({ report, isOnline, now }: Look): number | undefined {
    if (!isOnline || report === undefined || now - report.at > FRESH_MS) return undefined;
    return readMetric(this.#condition.metric, report, hottestOf(report));
  }

  forget(node: number): void {
    this.#windows.delete(node);
  }
}

class PingJudge implements Judge {
  readonly #condition: Condition<"ping">;
  readonly #windows = new Map<number, PingWindow>();

  constructor(condition: Condition<"ping">) {
    this.#condition = condition;
  }

  judge({ node, isOnline, nowMs }: Look): Verdict {
    const window = this.#windows.get(node.id);
    if (window === undefined || !isOnline) return UNKNOWN;
    const { measure, threshold } = this.#condition;
    return judgePings(window.read(nowMs), measure, threshold);
  }

  ping(node: number, elapsedMs: number | undefined, nowMs: number): void {
    const window = this.#windows.get(node) ?? new PingWindow(this.#condition.windowSeconds);
    this.#windows.set(node, window);
    window.add(elapsedMs, nowMs);
  }

  forget(node: number): void {
    this.#windows.delete(node);
  }
}

function trafficJudge({ percent }: Condition<"traffic">, { traffic }: Sources): Judge {
  return {
    judge({ node }) {
      const value = usedTrafficPercent(node, traffic(node.id));
      return value === undefined ? GOOD : { isBad: value >= percent, value };
    },
    forget: nothing,
  };
}

function expiryJudge({ days }: Condition<"expiry">): Judge {
  return {
    judge({ node, now }) {
      const value = daysLeft(node, now);
      return value === undefined ? GOOD : { isBad: value <= days, value };
    },
    forget: nothing,
  };
}

/** `startedMs`: monotonic; since when this hub has been listening. */
export function createJudge(condition: AlertCondition, sources: Sources, startedMs: number): Judge {
  switch (condition.kind) {
    case "offline":
      return offlineJudge(condition, sources, startedMs);
    case "load":
      return new LoadJudge(condition);
    case "ping":
      return new PingJudge(condition);
    case "traffic":
      return trafficJudge(condition, sources);
    case "expiry":
      return expiryJudge(condition);
    case "kvm":
      return new KvmJudge(condition, sources.kvm);
  }
}
