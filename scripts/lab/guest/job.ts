import { readFileSync } from "node:fs";
import type { Setup } from "./scenario.ts";

/** What the host wants from this machine: /lab/job.json. */
export interface Job {
  /** "prepare": the machine is about to be saved. "power-cut": the scenarios follow after the last cut. */
  readonly kind: "prepare" | "scenarios" | "power-cut";
  /** How the daemon is configured; it is already so but for "prepare". */
  readonly setup: Setup;
  /** Names of the scenarios that are run. */
  readonly scenarios: readonly string[];
  /** Where the host listens, seen from here. */
  readonly controlUrl: string;
}

let known: Job | undefined;

export function readJob(): Job {
  known ??= JSON.parse(readFileSync("/lab/job.json", "utf8")) as Job;
  return known;
}

export const controlUrl = (): string => readJob().controlUrl;
