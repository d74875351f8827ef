import { isAborted } from "../core/abort.ts";
import { every } from "../core/clock.ts";
import { CancelledError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { Logger } from "../core/log.ts";
import type { Config } from "../config/schema.ts";
import type { Platform } from "../platform/platform.ts";
import { BackendType } from "../protocol/pasarguard/messages.ts";
import type {
  Backend as StartRequest,
  BackendStatsResponse,
  StatRequest,
  User,
} from "../protocol/pasarguard/messages.ts";
import type { ObservedOutbound } from "../protocol/xray/observatory.ts";
import { Backend } from "./backend.ts";
import { prepareCoreCommand } from "./core-command.ts";
import { readLatencies } from "./latency.ts";
import type { LogBuffer } from "./log-buffer.ts";
import {
  CoreCallError,
  CoreDownError,
  CoreStartError,
  IncompleteRequestError,
  ProxyNotStartedError,
} from "./proxy-errors.ts";
import { SystemSampler } from "./system-stats.ts";
import type { SystemStats } from "./system-stats.ts";
import type { TrafficReport } from "./traffic.ts";

export interface ProxyOptions {
  readonly config: Config["proxy"];
  readonly platform: Pick<Platform, "clock" | "files" | "process" | "loopback">;
  readonly log: Logger;
}

/** `absent`: nothing to run. `down`: ended, and about to be started again. */
export type ProxyState = "absent" | "starting" | "up" | "down";

export interface ProxyInfo {
  readonly started: boolean;
  /** Empty while no panel has started a core. */
  readonly coreVersion: string;
}

const KEEP_ALIVE_CHECK_MS = 5000;
const SYS_STATS_TIMEOUT_MS = 3000;

/**
 * The node that a panel drives (PasarGuard node 3 to 5): at most one core at a time. Starts and stops happen one after
 * the other, in the order of the calls; everything else answers at once. Calls that need a core reject with
 * `ProxyNotStartedError` or `CoreDownError` when there is none.
 */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #lane = createLane();
  readonly #sampler: SystemSampler;
  #backend: Backend | undefined;
  #startsUnderWay = 0;
  #lastSuccessAt = 0;
  #stopKeepAlive = (): void => undefined;
  #isClosed = false;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#sampler = new SystemSampler(options.platform.files, options.platform.clock);
  }

  /** Whether a core is wanted, and runs. */
  get state(): ProxyState {
    if (this.#backend !== undefined) return this.#backend.isUp ? "up" : "down";
    return this.#startsUnderWay > 0 ? "starting" : "absent";
  }

  info(): ProxyInfo {
    const backend = this.#backend;
    return { started: backend?.isUp ?? false, coreVersion: backend?.version ?? "" };
  }

  /** Throws `ProxyNotStartedError` or `CoreDownError` unless a core serves. */
  demandCore(): void {
    this.#demandUp();
  }

  /** Something was done for the panel: the keep-alive begins anew. */
  noteSuccess(): void {
    this.#lastSuccessAt = this.#options.platform.clock.monotonic();
  }

  /**
   * Starts a core, in place of the one that runs, whoever has started that. On failure none runs. Rejects with
   * `CoreStartError`, `ValidationError` for a configuration that is none, or `CancelledError` when aborted.
   */
  start(request: StartRequest, signal: AbortSignal): Promise<ProxyInfo> {
    this.#startsUnderWay += 1;
    return this.#lane(async () => {
      try {
        // Whoever has gone away meanwhile wants nothing any more.
        if (isAborted(signal)) throw new CancelledError("context cancelled");
        await this.#disconnect("another Start");
        await this.#launch(request, signal);
      } finally {
        this.#startsUnderWay -= 1;
      }
      return this.info();
    });
  }

  /** Ends the core. Rejects when there is none. */
  stop(): Promise<void> {
    return this.#lane(async () => {
      this.#demandUp();
      await this.#disconnect("Stop");
    });
  }

  /** Lines of the core; the buffer ends with the core's backend. */
  get log(): LogBuffer {
    return this.#demand().log;
  }

  /** Adds, changes or, without inbounds, removes one user. Rejects with `UserSyncError`. */
  async syncUser(user: User): Promise<void> {
    if (user.email === "") throw new IncompleteRequestError("email is required");
    await this.#demandUp().syncUser(user);
  }

  /** Those who are not mentioned stay. Rejects with `UserSyncError`. */
  async mergeUsers(users: readonly User[]): Promise<void> {
    await this.#demandUp().mergeUsers(users);
  }

  /** Those who are not mentioned go. Rejects with `UserSyncError`. */
  async replaceUsers(users: readonly User[]): Promise<void> {
    await this.#demandUp().replaceUsers(users);
  }

  async stats(request: StatRequest): Promise<TrafficReport> {
    const backend = this.#demandUp();
    return backend.traffic.read(backend.client, request);
  }

  /** Number of addresses from which a user is connected. */
  async onlineCount(email: string): Promise<bigint> {
    const { client } = this.#demandUp();
    if (email === "") throw new IncompleteRequestError("email required");
    return client.onlineCount(email);
  }

  /** Addresses with the Unix second they were last seen. */
  async onlineAddresses(email: string): Promise<ReadonlyMap<string, bigint>> {
    const { client } = this.#demandUp();
    if (email === "") throw new IncompleteRequestError("email required");
    return client.onlineAddresses(email);
  }

  /** The core's own figures. */
  async backendStats(): Promise<BackendStatsResponse> {
    try {
      return await this.#demandUp().client.sysStats(SYS_STATS_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof CoreCallError)) throw error;
      // Panels wait, rather than start the core again, when they find this phrase.
      throw new CoreCallError(error.status, `failed to get sys stats: ${error.message}`, {
        cause: error,
      });
    }
  }

  /** The machine's figures, with the core's uptime in seconds, 0 when it does not tell. */
  async systemStats(): Promise<SystemStats & { readonly uptime: bigint }> {
    const { client } = this.#demandUp();
    const uptime = await client.sysStats(SYS_STATS_TIMEOUT_MS).then(
      (stats) => BigInt(stats.uptime),
      () => 0n,
    );
    return { ...this.#sampler.latest, uptime };
  }

  /** Undefined when no core was started. Rejects with `LatencyError`. */
  async latencies(name: string): Promise<readonly ObservedOutbound[] | undefined> {
    const backend = this.#backend;
    if (backend === undefined) return undefined;
    return readLatencies(this.#options.platform.loopback, backend, name);
  }

  /** Ends the core; what still waits to start one is refused. Idempotent. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#lane(() => this.#disconnect("shutdown"));
  }

  async #launch(request: StartRequest, signal: AbortSignal): Promise<void> {
    if (this.#isClosed) throw new CoreStartError("this node is shutting down");
    if (request.type !== BackendType.XRAY) throw new CoreStartError("invalid backend type");
    const { config, platform, log } = this.#options;
    const command = await prepareCoreCommand({ config: config.core, ...platform, log });
    const backend = await Backend.start({ command, platform, log }, request, signal);
    this.#backend = backend;
    log.info({ core: command.family, version: command.version }, "Proxy core started");
    this.#sampler.start();
    this.noteSuccess();
    this.#watchKeepAlive(request.keepAlive);
  }

  async #disconnect(reason: string): Promise<void> {
    const backend = this.#backend;
    if (backend === undefined) return;
    this.#backend = undefined;
    this.#stopKeepAlive();
    this.#sampler.stop();
    await backend.close();
    this.#options.log.info({ reason }, "Proxy core ended");
  }

  #watchKeepAlive(seconds: bigint): void {
    if (seconds === 0n) return;
    const { clock } = this.#options.platform;
    const limitMs = Number(seconds) * 1000;
    this.#stopKeepAlive = every(clock, KEEP_ALIVE_CHECK_MS, () => {
      if (clock.monotonic() - this.#lastSuccessAt < limitMs) return;
      this.#stopKeepAlive();
      void this.#expire(this.#backend);
    });
  }

  /** Unless a Start has come first. */
  #expire(backend: Backend | undefined): Promise<void> {
    return this.#lane(async () => {
      if (this.#backend === backend) await this.#disconnect("no word from the panel");
    });
  }

  /** The backend, whether its core runs or not. While a core is being started a panel is told to wait. */
  #demand(): Backend {
    if (this.#backend !== undefined) return this.#backend;
    throw this.#startsUnderWay > 0 ? new CoreDownError() : new ProxyNotStartedError();
  }

  #demandUp(): Backend {
    const backend = this.#demand();
    if (!backend.isUp) throw new CoreDownError();
    return backend;
  }
}
