import type { InfoConfig } from "../../config/schema.ts";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { HealthReading, HostProbe } from "../../platform/host/port.ts";
import type { Subsystem } from "../subsystem.ts";
import { DEFAULT_EXTRAS } from "./extras.ts";
import type {
  AuthInfo,
  ExtrasInfo,
  FanInfo,
  FarhandInfo,
  HealthInfo,
  InfoState,
  MetaInfo,
  NodeInfo,
  StreamerInfo,
  SystemInfo,
  UptimeInfo,
} from "./info-state.ts";
import { fillName, readMetaFile } from "./meta.ts";
import { shared } from "./shared.ts";

export interface InfoOptions {
  readonly config: InfoConfig;
  readonly host: HostProbe;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly farhand: FarhandInfo;
  readonly extras?: ExtrasInfo;
  /** What captures the picture, as far as that is known. */
  readonly streamer?: Store<StreamerInfo>;
}

/** Identity and health of the device, one store for each part that clients know (PiKVM API 4.2). */
export interface Info extends Subsystem<InfoState> {
  readonly name: "info";
  readonly auth: Store<AuthInfo>;
  readonly node: Store<NodeInfo>;
  readonly uptime: Store<UptimeInfo>;
  readonly health: Store<HealthInfo>;
  /** Null without a fan. */
  readonly fan: Store<FanInfo | null>;
  readonly meta: Store<MetaInfo>;
  readonly system: Store<SystemInfo>;
  readonly extras: Store<ExtrasInfo>;
  /** Brings what changes by itself to an age of at most one second. Callers share one reading; never rejects. */
  refresh(): Promise<void>;
  /** Keeps everything fresh until released; sampling goes on only while somebody watches. */
  watch(): Unsubscribe;
}

const UPTIME_PERIOD_MS = 5000;
const MAX_AGE_MS = 1000;
/** A reading without the load is a first one; the next is worth taking soon. */
const INCOMPLETE_AGE_MS = 100;

const UNKNOWN_STREAMER: StreamerInfo = { app: "ustreamer", version: "", features: {} };

const NO_READING: HealthReading = {
  cpuTemperature: null,
  cpuPercent: null,
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  throttling: null,
  fan: null,
};

class HostInfo implements Info {
  readonly name = "info";
  readonly state = createStore<InfoState>({ ready: false, board: "" });
  readonly auth = createStore<AuthInfo>({ enabled: true });
  readonly node: Store<NodeInfo>;
  readonly uptime: Store<UptimeInfo>;
  readonly health: Store<HealthInfo>;
  readonly fan = createStore<FanInfo | null>(null);
  readonly meta: Store<MetaInfo>;
  readonly system: Store<SystemInfo>;
  readonly extras: Store<ExtrasInfo>;
  readonly watch: () => Unsubscribe;

  readonly #options: InfoOptions;
  readonly #node;
  readonly #uptime;
  readonly #health;
  readonly #meta;
  readonly #system;
  #rawMeta: MetaInfo;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(options: InfoOptions) {
    const { config, host, clock, farhand, extras = DEFAULT_EXTRAS, streamer } = options;
    this.#options = options;
    this.#rawMeta = config.metaFile === "" ? config.meta : null;
    const name = host.hostName();
    const kernel = host.kernel();
    this.node = this.#node = createStore<NodeInfo>({ host: name });
    this.uptime = this.#uptime = createStore<UptimeInfo>({ totalSeconds: host.uptimeSeconds() });
    this.health = this.#health = createStore(this.#healthOf(NO_READING));
    this.meta = this.#meta = createStore<MetaInfo>(this.#metaFor(name));
    this.extras = createStore(extras);
    this.system = this.#system = createStore<SystemInfo>({
      farhand,
      color: config.color,
      kernel,
      streamer: streamer?.value ?? UNKNOWN_STREAMER,
      board: { preset: "generic", model: `Unknown board (${kernel.machine})`, serial: "unknown" },
    });
    this.watch = shared(() => {
      void this.refresh();
      const stops = [
        every(clock, UPTIME_PERIOD_MS, () => {
          this.#readHost();
        }),
        every(clock, config.pollSeconds * 1000, () => void this.refresh()),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    });
  }

  async start(scope: Scope): Promise<void> {
    const { config, files, log, streamer } = this.#options;
    const stopFollowing = streamer?.subscribe((next) => {
      this.#system.set({ ...this.#system.value, streamer: next });
    });
    scope.defer(() => stopFollowing?.());
    await this.#identify();
    if (config.metaFile !== "") {
      await this.#loadMeta();
      const stop = files.watch(config.metaFile, () => {
        this.#loadMeta().catch((error: unknown) => {
          log.error({ err: error }, "metadata could not be applied");
        });
      });
      scope.defer(stop);
    }
    scope.task("first health reading", () => this.refresh());
  }

  refresh(): Promise<void> {
    const { clock } = this.#options;
    if (this.#running !== undefined) return this.#running;
    if (clock.monotonic() < this.#freshUntil) return DONE;
    this.#running = this.#read().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #identify(): Promise<void> {
    const { host, log } = this.#options;
    try {
      const { preset, model, serial } = await host.identity();
      const { board, ...rest } = this.#system.value;
      const known = { preset, serial, model: model ?? board.model };
      this.#system.set({ ...rest, board: known });
      this.state.set({ ready: true, board: known.model });
    } catch (error) {
      log.warn({ err: error }, "board could not be identified");
    }
  }

  async #loadMeta(): Promise<void> {
    const { config, files, log } = this.#options;
    this.#rawMeta = await readMetaFile(files, config.metaFile, log);
    this.#meta.set(this.#metaFor(this.#node.value.host));
  }

  #readHost(): void {
    const { host } = this.#options;
    const name = host.hostName();
    this.#uptime.set({ totalSeconds: host.uptimeSeconds() });
    if (name === this.#node.value.host) return;
    this.#node.set({ host: name });
    this.#meta.set(this.#metaFor(name));
  }

  #metaFor(hostName: string): MetaInfo {
    const { name } = this.#options.config;
    return fillName(this.#rawMeta, name === "" ? hostName : name);
  }

  async #read(): Promise<void> {
    const { host, clock, log } = this.#options;
    try {
      this.#readHost();
      const reading = await host.health();
      this.#health.set(this.#healthOf(reading));
      this.fan.set(this.#fanOf(reading));
      const maxAge = reading.cpuPercent === null ? INCOMPLETE_AGE_MS : MAX_AGE_MS;
      this.#freshUntil = clock.monotonic() + maxAge;
    } catch (error) {
      this.#freshUntil = clock.monotonic() + MAX_AGE_MS;
      log.debug({ reason: describeError(error) }, "health reading failed");
    }
  }

  #healthOf({ fan: _fan, ...reading }: HealthReading): HealthInfo {
    return { ...reading, ignorePastThrottling: this.#options.config.ignorePastThrottling };
  }

  #fanOf({ fan, cpuTemperature }: HealthReading): FanInfo | null {
    if (fan === null) return null;
    const readAtSeconds = this.#uptime.value.totalSeconds;
    return {
      reading: fan,
      cpuTemperature,
      readAtSeconds,
      lastFailureSeconds: fan.ok ? (this.fan.value?.lastFailureSeconds ?? null) : readAtSeconds,
    };
  }
}

const DONE = Promise.resolve();

/** Identity appears when it is started; everything else answers from the beginning. */
export function createInfo(options: InfoOptions): Info {
  return new HostInfo(options);
}
