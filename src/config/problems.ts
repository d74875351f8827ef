import type { Finding } from "./check.ts";
import { schemaAt, walkSchema } from "./json-schema.ts";
import type { Path } from "./json-schema.ts";
import { nearestWord } from "./nearest.ts";
import { HIDDEN_VALUE, isSecretName, redact } from "./redact.ts";
import { ConfigSchema } from "./schema.ts";

/** Where a value comes from, from the weakest to the strongest. */
export type Origin = "default" | "board" | "file" | "environment" | "flag";

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Keys joined by dots; empty for the configuration as a whole. */
  readonly path: string;
  /** The offending value, `(hidden)` for a secret, undefined when something is missing. */
  readonly value: unknown;
  /** "must be ...", "is not a known key", ... */
  readonly rule: string;
  /** The known key that was probably meant. */
  readonly nearest: string | undefined;
  readonly origin: Origin;
  /** File, environment variable or flag that holds the value. */
  readonly source: string;
  /** Line of the file, from 1. */
  readonly line: number | undefined;
}

/** What one source contributes: a part of the configuration tree. */
export interface ConfigInput {
  readonly origin: Origin;
  readonly source: string;
  readonly value: unknown;
  lineOf?(path: Path): number | undefined;
}

function nearestPath(path: Path, known: readonly string[]): string | undefined {
  const key = path.at(-1) ?? "";
  const sibling = nearestWord(key, known);
  if (sibling !== undefined) return [...path.slice(0, -1), sibling].join(".");
  // A known key in the wrong section.
  for (const entry of walkSchema(ConfigSchema, { sections: true })) {
    if (entry.path.at(-1)?.toLowerCase() === key.toLowerCase()) return entry.path.join(".");
  }
  return undefined;
}

/** What may be shown of the value under an unknown key: it can be a misspelled secret. */
function valueUnderUnknown({ path, value }: Finding, nearest: string | undefined): unknown {
  const meant = nearest === undefined ? undefined : schemaAt(ConfigSchema, nearest.split("."));
  const isSecret =
    meant?.writeOnly === true || path.some(isSecretName) || isSecretName(nearest ?? "");
  return isSecret ? HIDDEN_VALUE : redact(value);
}

/** A finding as a problem of the source that holds the value. */
export function problemOf(finding: Finding, input: ConfigInput): ConfigProblem {
  const { path, value, rule, known } = finding;
  const nearest = known === undefined ? undefined : nearestPath(path, known);
  return {
    path: path.join("."),
    value: known === undefined ? redact(value) : valueUnderUnknown(finding, nearest),
    rule,
    nearest,
    origin: input.origin,
    source: input.source,
    line: input.lineOf?.(path),
  };
}

const MAX_SHOWN = 80;

/** A value for people, on one line. */
export function showValue(value: unknown, maxLength = Infinity): string {
  if (value === HIDDEN_VALUE) return HIDDEN_VALUE;
  const text = JSON.stringify(value);
  return text.length > maxLength ? `${text.slice(0, maxLength)}...` : text;
}

/** One line for people: `farhand.yaml:3: http.prot is not a known key; did you mean http.port? (now 8080)`. */
export function describeProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.source : `${problem.source}:${problem.line}`;
  const hint = problem.nearest === undefined ? "" : `; did you mean ${problem.nearest}?`;
  const now = problem.value === undefined ? "" : ` (now ${showValue(problem.value, MAX_SHOWN)})`;
  const subject = problem.path === "" ? "the configuration" : problem.path;
  return `${place}: ${subject} ${problem.rule}${hint}${now}`;
}
