import { TERMINAL_ENDS } from "../../protocol/fleet/terminal.ts";
import { enAuditDetails } from "./en/audit-details.ts";
import type { AuditDetailKey } from "./en/audit-details.ts";
import type { TextParams } from "./fill-text.ts";

/** How a language says it. */
export interface DetailWords {
  readonly t: (key: AuditDetailKey, params?: TextParams) => string;
  readonly list: (items: readonly string[]) => string;
  readonly duration: (seconds: number) => string;
  /** Why a terminal has ended, by its code. */
  readonly end: (code: string) => string;
  /** What an error means; undefined for one that is not known. */
  readonly problem: (code: string) => string | undefined;
}

/** A detail as the hub stores it, in plain English, and the text that says the same; groups fill it in. */
type Shape = readonly [pattern: RegExp, text: AuditDetailKey];

const FIELDS: Shape = [/^(?<fields>[A-Za-z]+(?:, [A-Za-z]+)*)$/, "fields"];
const NUMBER: Shape = [/^(?<number>\d+)$/, "number"];
const WITH_ROLE: Shape = [/^(?<name>.*), (?:role )?(?<role>viewer|operator|admin)$/, "withRole"];

/** Details that are a name, an address or the path of a setting are not here: they are the same in every language. */
const SHAPES: Readonly<Record<string, readonly Shape[]>> = {
  "session.open": [
    [/^by (?<method>\w+)$/, "by"],
    [/^by (?<method>\w+), (?<count>\d+) more times within (?<minutes>\d+) minutes$/, "byAgain"],
  ],
  "session.refused": [
    [/^(?<count>\d+) refused attempts within (?<minutes>\d+) minutes: (?<names>.*)$/, "refusals"],
  ],
  "session.end": [
    [/^one session$/, "oneSession"],
    [/^all sessions$/, "allSessions"],
  ],
  "account.add": [WITH_ROLE],
  "account.change": [
    [/^The password or role of '(?<name>.*)' changed, or the account is gone$/, "accountChange"],
  ],
  "account.edit": [
    [/^A new password for '(?<name>.*)'$/, "newPassword"],
    [/^(?<name>.*?), (?<changes>password(?:, role \w+)?|role \w+)$/, "accountChanges"],
  ],
  "token.add": [WITH_ROLE],
  "token.remove": [[/^(?<name>.*) of (?<user>.*)$/, "tokenOf"]],
  "node.add": [[/^(?<name>.*) \(Nezha registration\)$/, "byNezha"]],
  "node.edit": [FIELDS],
  "node.order": [[/^(?<count>\d+) nodes$/, "nodes"]],
  "node.permit": [[/^On '(?<name>.*)' is allowed: (?<allowed>.*)$/, "permits"]],
  "command.run": [[/^Run (?<id>\w+): (?<command>.*)$/s, "run"]],
  "terminal.open": [[/^On '(?<name>.*)'$/, "on"]],
  "terminal.end": [[/^After (?<duration>\d+) s: (?<reason>.*)$/, "ended"]],
  "probe.order": [[/^(?<count>\d+) tasks$/, "tasks"]],
  "alert.edit": [[/^Offline, (?<count>\d+) nodes$/, "offlineOf"]],
  "alert.remove": [[/^Rule (?<number>\d+)$/, "rule"], NUMBER],
  "channel.test": [NUMBER],
  "channel.remove": [NUMBER],
  "history.clear": [[/^of all nodes$/, "allNodes"]],
  "site.edit": [FIELDS],
};

const isKey = (key: string): key is AuditDetailKey => Object.hasOwn(enAuditDetails, key);

/** A word of the hub; one of a newer hub stays as it is. */
const wordText = (word: string, key: string, { t }: DetailWords): string =>
  isKey(key) ? t(key) : word;

const STRANGERS = "names that are no account or none at all";
const ENDS: ReadonlyMap<string, string> = new Map(
  Object.entries(TERMINAL_ENDS).map(([code, english]) => [english, code]),
);

function nameText(name: string, { t }: DetailWords): string {
  return name === STRANGERS ? t("strangers") : name.replace(/^'(.*)'$/, "$1");
}

function listText(
  items: readonly string[],
  keyOf: (word: string) => string,
  words: DetailWords,
): string {
  return words.list(items.map((word) => wordText(word, keyOf(word), words)));
}

/** What some groups mean; the others are names and figures. */
const FILLERS: Readonly<Record<string, (value: string, words: DetailWords) => string>> = {
  method: (value, words) => wordText(value, `method.${value}`, words),
  role: (value, words) => wordText(value, `role.${value}`, words),
  names: (value, words) => words.list(value.split(", ").map((name) => nameText(name, words))),
  changes: (value, words) =>
    listText(value.split(", "), (change) => change.replace("role ", "role."), words),
  allowed: (value, words) => listText(value.split(" and "), (act) => `allowed.${act}`, words),
  fields: (value, words) => listText(value.split(", "), (field) => `field.${field}`, words),
  duration: (value, words) => words.duration(Number(value)),
  reason: (value, words) => words.end(ENDS.get(value) ?? value),
};

function doneText(action: string, detail: string, words: DetailWords): string {
  const shapes = Object.hasOwn(SHAPES, action) ? (SHAPES[action] ?? []) : [];
  for (const [pattern, key] of shapes) {
    const found = pattern.exec(detail);
    if (found === null) continue;
    const filled = Object.entries(found.groups ?? {}).map(
      ([name, value]) => [name, FILLERS[name]?.(value, words) ?? value] as const,
    );
    return words.t(key, Object.fromEntries(filled));
  }
  return detail;
}

/** The detail of a line of the audit in words; one that the page does not know stays as it is stored. */
export function detailIn(words: DetailWords, action: string, detail: string): string {
  const [, code, rest = ""] = /^Not done, ([A-Z][A-Z0-9_]*):(?: (.*))?$/s.exec(detail) ?? [];
  if (code === undefined) return doneText(action, detail, words);
  const problem = words.problem(code) ?? code;
  if (rest === "") return words.t("notDoneOnly", { problem });
  return words.t("notDone", { problem, detail: doneText(action, rest, words) });
}
