import type { AlertCondition, AlertMetric, Severity } from "../../protocol/fleet/alerts.ts";
import type { NotificationSettings } from "../../protocol/fleet/channels.ts";
import type { Notice, NoticeKind } from "./notice.ts";
import { WORDS } from "./words.ts";
import type { Words } from "./words.ts";

/** What a channel sends. */
export interface Message {
  readonly title: string;
  /** Lines of text. */
  readonly body: string;
  readonly severity: Severity;
  /** `test` is the button. */
  readonly event: NoticeKind | "test";
  readonly rule: string;
  /** Names, joined. */
  readonly node: string;
  /** When it happened; epoch milliseconds. */
  readonly at: number;
  /** The same, as the settings want it shown. */
  readonly time: string;
}

type Settings = Pick<NotificationSettings, "language" | "timeZone">;

/** More names than this are counted only. */
const MOST_NAMES = 20;
const IN_TITLE = 3;

const PERCENTS: ReadonlySet<AlertMetric> = new Set([
  "cpuPercent",
  "memoryPercent",
  "swapPercent",
  "diskPercent",
  "gpuPercent",
]);
const RATES: ReadonlySet<AlertMetric> = new Set(["receivedBytesPerSecond", "sentBytesPerSecond"]);

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit] ?? "B"}`;
}

function metricText(metric: AlertMetric, value: number): string {
  if (PERCENTS.has(metric)) return `${Math.round(value)} %`;
  if (RATES.has(metric)) return `${bytesText(value)}/s`;
  if (metric === "temperatureCelsius") return `${Math.round(value)} °C`;
  return value < 100 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}

function valueText(condition: AlertCondition, value: number | undefined, words: Words): string {
  if (condition.kind === "kvm") return words.kvm[condition.alert];
  if (value === undefined) return "";
  switch (condition.kind) {
    case "load":
      return `${words.metrics[condition.metric]} ${metricText(condition.metric, value)}`;
    case "traffic":
      return words.trafficUsed(Math.round(value));
    case "expiry":
      return value < 0 ? words.expired(Math.ceil(-value)) : words.expires(Math.floor(value));
    case "ping":
      return condition.measure === "loss"
        ? words.loss(Math.round(value))
        : words.latency(Math.round(value));
    case "offline":
      return "";
  }
}

/** Never throws: a zone that this machine does not know is shown in UTC. */
export function timeText(at: number, { language, timeZone }: Settings): string {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const style = { dateStyle: "medium", timeStyle: "medium" } as const;
  try {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(at);
  } catch {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(at);
  }
}

function stateWord({ kind, condition, isRaised }: Notice, words: Words): string {
  const isOffline = condition.kind === "offline";
  switch (kind) {
    case "raised":
    case "reminder":
      return isOffline ? words.offline : words.raised;
    case "cleared":
      return isOffline ? words.online : words.cleared;
    case "flapping":
      return words.flapping;
    case "passed":
      return words.passed;
    case "settled": {
      if (isOffline) return isRaised ? words.settledOffline : words.settledOnline;
      return isRaised ? words.settledRaised : words.settledCleared;
    }
  }
}

const SIGNS: Readonly<Record<NoticeKind, string>> = {
  raised: "🔴",
  reminder: "🔴",
  flapping: "🟠",
  cleared: "🟢",
  settled: "🔵",
  passed: "🔵",
};

/** When these were noticed says nothing. */
const SELF_EXPLAINING: ReadonlySet<AlertCondition["kind"]> = new Set(["expiry", "traffic"]);

function lineOf(notice: Notice, settings: Settings, words: Words): string {
  const { kind, nodeName, at, since, changes, condition, value } = notice;
  const details = [valueText(condition, value, words)];
  if (kind === "cleared" || kind === "passed") details.push(words.after(words.span(at - since)));
  else if (kind === "settled") details.push(words.changed(changes));
  else if (!SELF_EXPLAINING.has(condition.kind)) {
    details.push(words.since(timeText(since, settings)));
  }
  return `${nodeName}: ${details.filter((text) => text !== "").join(", ")}`;
}

function namesOf(notices: readonly Notice[], most: number, words: Words): string {
  const names = notices.slice(0, most).map(({ nodeName }) => nodeName);
  const more = notices.length - names.length;
  return more > 0 ? `${names.join(", ")} ${words.more(more)}` : names.join(", ");
}

/** One message for notices of the same kind and rule, of which there is at least one. */
export function composeMessage(first: Notice, all: readonly Notice[], settings: Settings): Message {
  const words = WORDS[settings.language];
  const state = stateWord(first, words);
  const sign = SIGNS[first.kind];
  const count = all.length > 1 ? `${words.nodes(all.length)} ` : "";
  const reminder = first.kind === "reminder" ? `${words.still} ` : "";
  const title = `${sign} ${count}${reminder}${state}: ${namesOf(all, IN_TITLE, words)}`;
  const lines = all.slice(0, MOST_NAMES).map((notice) => lineOf(notice, settings, words));
  const more = all.length - lines.length;
  if (more > 0) lines.push(words.more(more));
  lines.push(words.byRule(first.ruleName));
  return {
    title,
    body: lines.join("\n"),
    severity: first.severity,
    event: first.kind,
    rule: first.ruleName,
    node: namesOf(all, MOST_NAMES, words),
    at: first.at,
    time: timeText(first.at, settings),
  };
}

export function testMessage(now: number, settings: Settings): Message {
  const words = WORDS[settings.language];
  return {
    title: `🔔 ${words.testTitle}`,
    body: words.testBody,
    severity: "info",
    event: "test",
    rule: words.testTitle,
    node: "Farhand",
    at: now,
    time: timeText(now, settings),
  };
}
