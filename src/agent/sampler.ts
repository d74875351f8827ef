import type { AgentConfig } from "../config/schema.ts";
import { every } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Scope } from "../core/scope.ts";
import { createStore } from "../core/store.ts";
import type { MutableStore, Store } from "../core/store.ts";
import type { FileStore } from "../platform/files/port.ts";
import type {
  CpuTicks,
  MachineReading,
  MachineSource,
  MountUsage,
  SensorReading,
} from "../platform/sampling/port.ts";
import { diskRule, diskUsage, interfaceRule, memoryUsage, swapUsage } from "./counting.ts";
import type { Counted, CountingRule, Sample, Usage } from "./sample.ts";
import { parseTrafficRecord, TrafficMeter } from "./traffic.ts";

const TICK_MS = 1000;
/** Sizes of disks change slowly, and asking a sick one takes long. */
const MOUNTS_EVERY_MS = 10_000;
const SENSORS_EVERY_MS = 5000;
/** Writes wear out SD cards: 144 a day, and one at the end. */
const SAVE_EVERY_MS = 600_000;

export interface SamplerOptions {
  readonly machine: MachineSource;
  readonly config: AgentConfig;
  /** Folder for the month's traffic. */
  readonly dataDir: string;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Measures once a second for all uplinks. */
export interface Sampler {
  /** Undefined before `start`. */
  readonly samples: Store<Sample> | undefined;
  /** Takes the first sample, then one each second until the scope closes. Never fails because of the machine. */
  start(scope: Scope): Promise<Store<Sample>>;
}

const NO_TICKS: CpuTicks = { busy: 0, total: 0 };
const NO_SENSORS: SensorReading = { temperatures: [], graphics: [] };
const never = (): boolean => false;

function cpuPercent(before: CpuTicks, now: CpuTicks): number | undefined {
  const total = now.total - before.total;
  const busy = now.busy - before.busy;
  if (total <= 0 || busy < 0) return undefined;
  return Math.min(100, (busy * 100) / total);
}

class MachineSampler implements Sampler {
  readonly #options: SamplerOptions;
  readonly #diskRules;
  readonly #trafficFile: string;
  #store: MutableStore<Sample> | undefined;
  #traffic: TrafficMeter | undefined;
  #ticks: CpuTicks = NO_TICKS;
  #percent = 0;
  #disk: Readonly<Record<CountingRule, Usage>>;
  #sensors = NO_SENSORS;
  #isBusy = { mounts: false, sensors: false, saving: false };
  #saved = "";

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#trafficFile = `${options.dataDir}/agent/traffic.json`;
    this.#diskRules = {
      komari: diskRule("komari", options.config),
      nezha: diskRule("nezha", options.config),
    };
    const nothing = { totalBytes: 0, usedBytes: 0 };
    this.#disk = { komari: nothing, nezha: nothing };
  }

  get samples(): Store<Sample> | undefined {
    return this.#store;
  }

  async start(scope: Scope): Promise<Store<Sample>> {
    const { config, machine, clock } = this.#options;
    const { bootId } = await machine.facts();
    const rotationDay = config.monthRotationDay;
    const record = rotationDay === 0 ? undefined : await this.#loadTraffic();
    const keeps = {
      komari: interfaceRule("komari", config),
      nezha: interfaceRule("nezha", config),
    };
    this.#traffic = new TrafficMeter({ keeps, rotationDay, bootId, record });
    await Promise.all([this.#readMounts(), this.#readSensors()]);
    // Samples differ in their time at least: comparing them would only cost.
    const store = createStore(this.#sample(this.#traffic), never);
    this.#store = store;
    const meter = this.#traffic;
    scope.defer(() => {
      machine.close();
    });
    scope.defer(() => this.#save());
    scope.defer(
      every(clock, TICK_MS, () => {
        store.set(this.#sample(meter));
      }),
    );
    scope.defer(every(clock, MOUNTS_EVERY_MS, () => void this.#readMounts()));
    scope.defer(every(clock, SENSORS_EVERY_MS, () => void this.#readSensors()));
    if (rotationDay !== 0) scope.defer(every(clock, SAVE_EVERY_MS, () => void this.#save()));
    return store;
  }

  #sample(meter: TrafficMeter): Sample {
    const { machine, clock } = this.#options;
    const reading = machine.read();
    const at = clock.now();
    const monotonicMs = clock.monotonic();
    const ticks = reading.cpu ?? this.#ticks;
    // Two readings within one kernel tick tell nothing new.
    if (this.#ticks !== NO_TICKS) this.#percent = cpuPercent(this.#ticks, ticks) ?? this.#percent;
    this.#ticks = ticks;
    const traffic = meter.read({ interfaces: reading.interfaces, now: at, monotonicMs });
    const [load1, load5, load15] = reading.load;
    const counted = (rule: CountingRule): Counted => this.#counted(rule, reading, traffic);
    return {
      at,
      monotonicMs,
      cpuPercent: this.#percent,
      cpuTicks: ticks,
      load1,
      load5,
      load15,
      counted: { komari: counted("komari"), nezha: counted("nezha") },
      tcpConnections: reading.tcpConnections,
      udpConnections: reading.udpConnections,
      processCount: reading.processCount,
      uptimeSeconds: reading.uptimeSeconds,
      temperatures: this.#sensors.temperatures,
      gpus: this.#sensors.graphics,
      problems: reading.problems,
    };
  }

  #counted(
    rule: CountingRule,
    { memory }: MachineReading,
    traffic: ReturnType<TrafficMeter["read"]>,
  ): Counted {
    return {
      memory: memoryUsage(rule, memory),
      swap: swapUsage(rule, memory),
      disk: this.#disk[rule],
      traffic: traffic[rule],
    };
  }

  async #readMounts(): Promise<void> {
    if (this.#isBusy.mounts) return;
    this.#isBusy.mounts = true;
    const { komari, nezha } = this.#diskRules;
    const mounts = await this.#options.machine.mounts((mount) => komari(mount) || nezha(mount));
    this.#disk = this.#usageOf(mounts);
    this.#isBusy.mounts = false;
  }

  #usageOf(mounts: readonly MountUsage[]): Readonly<Record<CountingRule, Usage>> {
    const { komari, nezha } = this.#diskRules;
    return {
      komari: diskUsage("komari", mounts, komari),
      nezha: diskUsage("nezha", mounts, nezha),
    };
  }

  async #readSensors(): Promise<void> {
    if (this.#isBusy.sensors) return;
    this.#isBusy.sensors = true;
    this.#sensors = await this.#options.machine.sensors();
    this.#isBusy.sensors = false;
  }

  async #loadTraffic() {
    const { files, log } = this.#options;
    try {
      return parseTrafficRecord(await files.read(this.#trafficFile));
    } catch (error) {
      log.warn({ err: error }, "the month's traffic cannot be read and begins anew");
      return undefined;
    }
  }

  async #save(): Promise<void> {
    const { files, log } = this.#options;
    const record = this.#traffic?.record;
    if (record === undefined || this.#isBusy.saving) return;
    const text = JSON.stringify(record);
    if (text === this.#saved) return;
    this.#isBusy.saving = true;
    try {
      await files.writeAtomic(this.#trafficFile, text, { mode: 0o600 });
      this.#saved = text;
    } catch (error) {
      log.warn({ reason: describeError(error) }, "the month's traffic cannot be kept");
    }
    this.#isBusy.saving = false;
  }
}

export function createSampler(options: SamplerOptions): Sampler {
  return new MachineSampler(options);
}
