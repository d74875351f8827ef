import { readFileSync } from "node:fs";

/** Which scenarios are run: those of these lists that are named. */
export interface Selection {
  readonly lists: readonly ("main" | "afterCuts")[];
  /** Undefined: all. */
  readonly names?: readonly string[];
}

/** What the host wants from this machine: /lab/job.json. */
export interface Job {
  /** "power-cut": the scenarios follow after the last cut. */
  readonly kind: "scenarios" | "power-cut";
  readonly scenarios: Selection;
  /** Where the host listens, seen from here. */
  readonly controlUrl: string;
}

export function readJob(): Job {
  const job: Job = JSON.parse(readFileSync("/lab/job.json", "utf8"));
  return job;
}

export const controlUrl = (): string => readJob().controlUrl;
