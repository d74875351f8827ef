import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { KomariBasicInfo, KomariReport } from "../../protocol/komari/report.ts";
import type { Sample } from "../sample.ts";
import type { Facts } from "../uplink.ts";
import { averagedSince } from "../window.ts";
import { basicInfoOf, reportOf } from "./figures.ts";

export interface KomariSource {
  readonly facts: Facts;
  /** What the KVM says about itself, in a few words; empty: nothing. */
  readonly health: Store<string>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs: number;
  readonly infoIntervalMs: number;
}

/** Turns the newest sample into what goes over the wire; each report covers the time since the one before. */
export class KomariReporter {
  readonly #source: KomariSource;
  readonly #samples: Store<Sample>;
  #reported: Sample | undefined;

  constructor(source: KomariSource, samples: Store<Sample>) {
    this.#source = source;
    this.#samples = samples;
  }

  report(): KomariReport {
    const sample = this.#samples.value;
    const report = reportOf(averagedSince(sample, this.#reported), this.#source.health.value);
    this.#reported = sample;
    return report;
  }

  basicInfo(): KomariBasicInfo {
    const { facts, version } = this.#source;
    return basicInfoOf(facts.value, this.#samples.value, version);
  }
}
