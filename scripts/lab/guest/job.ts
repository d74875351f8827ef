import { readFileSync } from "node:fs";

/** What the host wants from this start of the machine: /lab/job.json. */
export interface Job {
  readonly kind: "scenarios" | "power-cut";
  /** Only these scenarios; empty: all. */
  readonly names: readonly string[];
  /** Where the host listens, seen from here. */
  readonly controlUrl: string;
}

export function readJob(): Job {
  const job: Job = JSON.parse(readFileSync("/lab/job.json", "utf8"));
  return job;
}

export const controlUrl = (): string => readJob().controlUrl;
