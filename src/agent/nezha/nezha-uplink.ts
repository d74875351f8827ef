import { isAborted } from "../../core/abort.ts";
import { createBackoff } from "../../core/backoff.ts";
import type { Backoff } from "../../core/backoff.ts";
import { sleep } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore, Store } from "../../core/store.ts";
import type { FileStore } from "../../platform/files/port.ts";
import { GRPC_STATUS, GrpcStatusError } from "../../platform/net/grpc/port.ts";
import type { GrpcDialer, GrpcTarget } from "../../platform/net/grpc/port.ts";
import type { NezhaGeneration } from "../../protocol/nezha/service.ts";
import { greetDashboard } from "./dialect.ts";
import { loadIdentity } from "./identity.ts";
import { describeHost, runNezhaSession } from "./session.ts";
import type { NezhaMemory, NezhaSource } from "./session.ts";
import type { Sample } from "../sample.ts";
import { STOPPED } from "../uplink.ts";
import type { Uplink, UplinkState } from "../uplink.ts";

// This machine on a Nezha dashboard of any generation (Nezha facts 1.6, 6, 7). Different from the stock agent: growing
// pauses with jitter between attempts, an end to waiting for a receipt, no outside service asked for the address, and
// no program of its own to update.

const DIAL_TIMEOUT_MS = 10_000;
/** A connection that held this long was a good one: the next failure starts from the first pause. */
const HEALTHY_AFTER_MS = 60_000;
/** Dashboards take a machine for offline after six seconds without a report. */
const MAX_INTERVAL_MS = 4000;
const PAUSES_MS = [2000, 5000, 10_000, 20_000, 30_000];
/** Dashboards count refused attempts and block the address for ever longer. */
const REFUSED_PAUSES_MS = [15_000, 60_000, 180_000, 300_000];
const JITTER = 0.3;
/** So many short connections in a row that the dashboard ended look like two machines with one identity. */
const SUSPICIOUS_ENDS = 3;

/** Host and port of a dashboard's agent endpoint; `host` without brackets. */
export type NezhaServer = Pick<GrpcTarget, "host" | "port" | "tls">;

export interface NezhaUplinkOptions extends Omit<NezhaSource, "uplink" | "intervalMs"> {
  readonly server: NezhaServer;
  readonly secret: string;
  /** Empty: kept in the file `identityPath`, and made on first use. */
  readonly uuid: string;
  readonly identityPath: string;
  readonly files: FileStore;
  readonly generation: NezhaGeneration | "auto";
  /** At most four seconds are used. */
  readonly intervalMs: number;
  readonly dialer: GrpcDialer;
  /** For jitter; 0 <= value < 1. */
  readonly random?: () => number;
}

/** `[2001:db8::1]:5555` or `host:5555`; undefined when it is neither. */
export function parseNezhaServer(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || !(port >= 1 && port <= 65_535) ? undefined : { host, port };
}

export function nezhaServerText({ host, port }: Pick<GrpcTarget, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A failure of a connection or call, for the person who set it up. */
export function explainNezhaFailure(
  error: unknown,
  server: Pick<GrpcTarget, "host" | "port">,
): string {
  if (!(error instanceof GrpcStatusError)) return describeError(error);
  const name = nezhaServerText(server);
  switch (error.status) {
    case GRPC_STATUS.unauthenticated:
    case GRPC_STATUS.permissionDenied:
      return `${name} refuses the secret or the identity of this machine: ${error.message}`;
    case GRPC_STATUS.unimplemented:
      return `${name} is no Nezha dashboard; is this the address for agents?`;
    case GRPC_STATUS.deadlineExceeded:
      return `${name} does not answer`;
    default:
      return `${name}: ${error.message}`;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof GrpcStatusError && error.kind === "unauthenticated";
}

/** Ended by the dashboard, not by the line or a restart. */
function isEndedByServer(error: unknown): boolean {
  return error instanceof GrpcStatusError && error.status === GRPC_STATUS.unknown;
}

class NezhaUplink implements Uplink {
  readonly name: string;
  readonly #options: NezhaUplinkOptions;
  readonly #source: NezhaSource;
  readonly #state: MutableStore<UplinkState> = createStore(STOPPED);
  readonly #memory: NezhaMemory = { geoKey: "" };
  readonly #pauses: Backoff;
  readonly #refusedPauses: Backoff;
  #onlineAt: number | undefined;
  #shortSessions = 0;
  /** Told already: the same again is no news, even if the line held for a moment in between. */
  #toldProblem = "";

  constructor(options: NezhaUplinkOptions) {
    const { random = Math.random } = options;
    this.name = `nezha ${nezhaServerText(options.server)}`;
    this.#options = options;
    this.#source = {
      ...options,
      uplink: this.name,
      intervalMs: Math.min(options.intervalMs, MAX_INTERVAL_MS),
    };
    this.#pauses = createBackoff({ stepsMs: PAUSES_MS, jitter: JITTER, random });
    this.#refusedPauses = createBackoff({ stepsMs: REFUSED_PAUSES_MS, jitter: JITTER, random });
  }

  get state(): Store<UplinkState> {
    return this.#state;
  }

  async run(samples: Store<Sample>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#state.set({ ...STOPPED, phase: "connecting" });
    while (!isAborted(signal)) {
      try {
        await this.#connect(samples, signal);
      } catch (error) {
        if (isAborted(signal)) break;
        const pauseMs = this.#judge(error);
        await sleep(clock, pauseMs, signal).catch(() => undefined);
      }
    }
    this.#state.set(STOPPED);
  }

  async #connect(samples: Store<Sample>, signal: AbortSignal): Promise<never> {
    const { dialer, server, secret, generation } = this.#options;
    this.#onlineAt = undefined;
    const uuid = generation === "v0" ? "" : await this.#identity();
    const channel = await dialer.dial(server, { timeoutMs: DIAL_TIMEOUT_MS, signal });
    const onAbort = (): void => {
      channel.close();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const host = describeHost(this.#source, samples.value);
      const credentials = { secret, uuid };
      const greeting = await greetDashboard({ channel, credentials, generation, host });
      const onReport = (): void => {
        this.#noteReport(greeting.dialect.generation);
      };
      return await runNezhaSession({
        channel,
        greeting,
        source: this.#source,
        samples,
        memory: this.#memory,
        signal,
        onReport,
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
      channel.close();
    }
  }

  async #identity(): Promise<string> {
    const { uuid, files, identityPath } = this.#options;
    return uuid === "" ? loadIdentity(files, identityPath) : uuid.toLowerCase();
  }

  #noteReport(generation: NezhaGeneration): void {
    if (this.#onlineAt !== undefined) return;
    const { clock, log, server } = this.#options;
    this.#onlineAt = clock.monotonic();
    this.#state.set({
      phase: "online",
      dialect: `nezha ${generation}`,
      transport: "grpc",
      problem: null,
    });
    log.info({ server: nezhaServerText(server), generation }, "uplink online");
  }

  /** Makes a failure visible and returns how long to wait. */
  #judge(error: unknown): number {
    const { clock, log, server } = this.#options;
    const onlineMs = this.#onlineAt === undefined ? 0 : clock.monotonic() - this.#onlineAt;
    if (onlineMs >= HEALTHY_AFTER_MS) {
      this.#toldProblem = "";
      this.#pauses.reset();
      this.#refusedPauses.reset();
    }
    const wasShort = this.#onlineAt !== undefined && onlineMs < HEALTHY_AFTER_MS;
    this.#shortSessions = wasShort && isEndedByServer(error) ? this.#shortSessions + 1 : 0;
    const cause = explainNezhaFailure(error, server);
    const problem =
      this.#shortSessions >= SUSPICIOUS_ENDS
        ? `${cause}. Does another machine report under the same identity?`
        : cause;
    const fields = { server: nezhaServerText(server), problem };
    if (this.#toldProblem === problem) log.debug(fields, "uplink failed again");
    else log.warn(fields, "uplink failed");
    this.#toldProblem = problem;
    this.#state.set({ ...this.#state.value, phase: "waiting", transport: null, problem });
    return (isRefusal(error) ? this.#refusedPauses : this.#pauses).next();
  }
}

export function createNezhaUplink(options: NezhaUplinkOptions): Uplink {
  return new NezhaUplink(options);
}
