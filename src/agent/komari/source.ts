import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { KvmCondition } from "../../protocol/fleet/live.ts";
import type { KomariBasicInfo, KomariReport } from "../../protocol/komari/report.ts";
import type { Sample } from "../sample.ts";
import type { Facts } from "../uplink.ts";
import { averagedSince } from "../window.ts";
import { basicInfoOf, reportOf } from "./figures.ts";

export interface KomariSource {
  readonly facts: Facts;
  /** What the KVM says about itself, in a few words; empty: nothing. */
  readonly health: Store<string>;
  /** The computer behind it; undefined where this machine is no KVM, or does not tell. */
  readonly kvm: Store<KvmCondition | undefined>;
  /** Where people reach its console; empty: not told. */
  readonly consoleUrl: string;
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
    const { health, kvm, consoleUrl } = this.#source;
    const report = reportOf(averagedSince(sample, this.#reported), {
      health: health.value,
      kvm: kvm.value && { ...kvm.value, consoleUrl },
    });
    this.#reported = sample;
    return report;
  }

  basicInfo(): KomariBasicInfo {
    const { facts, version } = this.#source;
    return basicInfoOf(facts.value, this.#samples.value, version);
  }
}
