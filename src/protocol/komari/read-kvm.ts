/**
 * What our own agents say of the computer behind a KVM box, in a part of the report that stock servers do not look at.
 * Who says it is known from the connection.
 */
import type { KvmStatus } from "../fleet/live.ts";
import { cleanLine } from "../../core/clean-line.ts";
import { isTree } from "./commands.ts";

const POWERS = ["on", "off"] as const;
const PICTURES = ["live", "idle", "noSignal", "missing"] as const;
const INPUTS = ["online", "offline"] as const;
const HEALTHS = ["good", "warning"] as const;
const MAX_SIDE = 65_535;
const MAX_PROBLEMS = 16;
const MAX_PROBLEM = 256;
const MAX_URL = 512;

/** What a newer agent may say is unknown here. */
function wordOf<Word extends string>(words: readonly Word[], value: unknown): Word | "unknown" {
  return words.find((word) => word === value) ?? "unknown";
}

function sideOf(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= MAX_SIDE ? Math.round(value) : 0;
}

function problemsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, MAX_PROBLEMS)
    .filter((problem) => typeof problem === "string")
    .map((problem) => cleanLine(problem, MAX_PROBLEM));
}

/** People click on it: nothing but a web address without an account in it. */
function addressOf(value: unknown): string {
  if (typeof value !== "string" || value.length > MAX_URL || !URL.canParse(value)) return "";
  const { protocol, username, password, href } = new URL(value);
  const isWeb = protocol === "https:" || protocol === "http:";
  return isWeb && username === "" && password === "" ? href : "";
}

/** Out of a whole report; undefined for a node that is no KVM. Every word is known, every text and list bounded. */
export function readKvm(report: unknown): KvmStatus | undefined {
  const part = isTree(report) ? report["kvm"] : undefined;
  if (!isTree(part)) return undefined;
  return {
    power: wordOf(POWERS, part["power"]),
    picture: wordOf(PICTURES, part["picture"]),
    width: sideOf(part["width"]),
    height: sideOf(part["height"]),
    input: wordOf(INPUTS, part["input"]),
    health: wordOf(HEALTHS, part["health"]),
    problems: problemsOf(part["problems"]),
    consoleUrl: addressOf(part["consoleUrl"]),
  };
}
