import { setMaxListeners } from "node:events";
import { isAborted } from "../../core/abort.ts";
import { createBackoff } from "../../core/backoff.ts";
import type { Backoff } from "../../core/backoff.ts";
import { sleep } from "../../core/clock.ts";
import { AppError, describeError } from "../../core/errors.ts";
import { createStore } from "../../core/store.ts";
import type { MutableStore, Store } from "../../core/store.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { ClientSocket, WebClient } from "../../platform/web/port.ts";
import type { Sample } from "../sample.ts";
import type { Control, Probes } from "../tasks.ts";
import { STOPPED } from "../uplink.ts";
import type { Uplink, UplinkState } from "../uplink.ts";
import { komariIdentity } from "./identity.ts";
import { KomariProtocolError, KomariRefusedError } from "./komari-errors.ts";
import { runPostSession } from "./post-session.ts";
import { KomariServer } from "./server.ts";
import { runSocketSession } from "./socket-session.ts";
import { KomariReporter } from "./source.ts";
import type { KomariSource } from "./source.ts";
import { KomariTasks } from "./tasks.ts";

// This machine on a Komari server of any version (Komari 1, 9, 10.4). Different from the stock agent: growing pauses
// with jitter between attempts, a look at whether the server still answers, and control only where it is enabled.

const PAUSES_MS = [1000, 2000, 5000, 10_000, 20_000, 30_000];
/** A wrong token or key does not become right by asking often. */
const REFUSED_PAUSES_MS = [10_000, 30_000, 60_000, 120_000, 300_000];
/** Servers of 2025 keep the old socket of a node and turn the new one away until it is dead. */
const IN_USE_PAUSE_MS = 35_000;
const JITTER = 0.3;
/** A connection that held this long was a good one: the next failure starts from the first pause. */
const HEALTHY_AFTER_MS = 60_000;
/** So many connections in a row that the server ended early look like two machines with one token. */
const SUSPICIOUS_ENDS = 3;
/** Failed sockets, while requests work, after which reports go by requests. */
const SOCKETS_BEFORE_POST = 3;
/** Failures of version 2 in a row after which version 1 is used (Komari 1.7). */
const VERSION_2_FAILURES = 3;
const IN_USE = /token already in use/i;

export interface KomariUplinkOptions extends KomariSource {
  readonly url: string;
  readonly verifyTls: boolean;
  readonly token: string;
  readonly autoDiscoveryKey: string;
  readonly protocolVersion: "auto" | "1" | "2";
  readonly dataDir: string;
  readonly web: WebClient;
  readonly files: FileStore;
  readonly probes: Probes;
  readonly control: Control;
  /** For jitter; 0 <= value < 1. */
  readonly random?: () => number;
}

/** A status that only a server without version 2 gives: it does not know the path, or shows its page. */
function hasNoVersion2(error: unknown): boolean {
  if (!(error instanceof KomariProtocolError)) return false;
  const { status } = error;
  return status === 404 || status === 405 || (status >= 200 && status < 400);
}

class KomariUplink implements Uplink {
  readonly name: string;
  readonly #options: KomariUplinkOptions;
  readonly #state: MutableStore<UplinkState> = createStore(STOPPED);
  readonly #server: KomariServer;
  readonly #tasks: KomariTasks;
  readonly #pauses: Backoff;
  readonly #refusedPauses: Backoff;
  #version2Failures = 0;
  #socketFailures = 0;
  #earlyEnds = 0;
  #onlineAt: number | undefined;

  constructor(options: KomariUplinkOptions) {
    const { url, verifyTls, web, random } = options;
    this.name = `komari ${url}`;
    this.#options = options;
    this.#server = new KomariServer({ url, verifyTls, web });
    this.#tasks = new KomariTasks({ ...options, server: this.#server, uplink: this.name });
    const spread = { jitter: JITTER, ...(random === undefined ? {} : { random }) };
    this.#pauses = createBackoff({ stepsMs: PAUSES_MS, ...spread });
    this.#refusedPauses = createBackoff({ stepsMs: REFUSED_PAUSES_MS, ...spread });
  }

  get state(): Store<UplinkState> {
    return this.#state;
  }

  async run(samples: Store<Sample>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const reporter = new KomariReporter(this.#options, samples);
    // Every task listens; their number has a limit of its own.
    setMaxListeners(0, signal);
    while (!isAborted(signal)) {
      this.#set({ phase: "connecting" });
      this.#onlineAt = undefined;
      try {
        await this.#connect(reporter, signal);
      } catch (error) {
        if (isAborted(signal)) break;
        await sleep(clock, this.#failed(error), signal).catch(() => undefined);
      }
    }
    this.#state.set(STOPPED);
  }

  #set(change: Partial<UplinkState>): void {
    this.#state.set({ ...this.#state.value, ...change });
  }

  /** Notes the failure; gives the pause before the next attempt. */
  #failed(error: unknown): number {
    const { log } = this.#options;
    const problem = this.#explain(error);
    const { problem: before } = this.#state.value;
    this.#set({ phase: "waiting", transport: null, problem });
    const fields = { reason: problem };
    if (this.#onlineAt !== undefined) log.warn(fields, "uplink lost");
    else if (before !== problem) log.warn(fields, "uplink failed");
    else log.debug(fields, "uplink failed again");
    if (error instanceof KomariRefusedError) return this.#refusedPauses.next();
    this.#refusedPauses.reset();
    return IN_USE.test(problem) ? IN_USE_PAUSE_MS : this.#pauses.next();
  }

  #explain(error: unknown): string {
    const { clock } = this.#options;
    const text = describeError(error);
    if (this.#onlineAt === undefined) return text;
    if (clock.monotonic() - this.#onlineAt >= HEALTHY_AFTER_MS) {
      this.#pauses.reset();
      this.#earlyEnds = 0;
      return text;
    }
    this.#earlyEnds += 1;
    if (this.#earlyEnds < SUSPICIOUS_ENDS) return text;
    return `${text}. This happens again and again: does another machine use the same token?`;
  }

  async #connect(reporter: KomariReporter, signal: AbortSignal): Promise<void> {
    const { facts } = this.#options;
    const node = await komariIdentity(
      { ...this.#options, server: this.#server },
      facts.value.hostName,
      signal,
    );
    this.#server.setToken(node.token);
    let version = await this.#introduce(this.#wantedVersion(), reporter, signal);
    const shared = {
      ...this.#options,
      source: this.#options,
      reporter,
      tasks: this.#tasks,
      signal,
    };
    const describe = (): void => {
      void this.#describe(version, reporter, signal).catch((error: unknown) => {
        this.#options.log.debug({ reason: describeError(error) }, "description not sent");
      });
    };
    const opened = await this.#open(version, signal);
    version = opened.version;
    let { socket } = opened;
    if (socket === undefined) {
      const onReport = (): void => {
        this.#online(version, "http");
      };
      const server = this.#server;
      const { uuid } = node;
      socket = await runPostSession({ ...shared, server, version, uuid, describe, onReport });
    }
    this.#socketFailures = 0;
    this.#online(version, "socket");
    await runSocketSession({ ...shared, socket, version, describe });
  }

  #online(version: 1 | 2, transport: "socket" | "http"): void {
    const { clock, log } = this.#options;
    this.#onlineAt ??= clock.monotonic();
    if (version === 2) this.#version2Failures = 0;
    if (this.#state.value.transport !== transport)
      log.info({ version, transport }, "uplink online");
    const problem = this.#earlyEnds >= SUSPICIOUS_ENDS ? this.#state.value.problem : null;
    this.#set({ phase: "online", dialect: `komari v${version}`, transport, problem });
  }

  #wantedVersion(): 1 | 2 {
    const { protocolVersion } = this.#options;
    if (protocolVersion !== "auto") return protocolVersion === "1" ? 1 : 2;
    if (this.#version2Failures < VERSION_2_FAILURES) return 2;
    // For this connection only: the server may be newer the next time.
    this.#version2Failures = 0;
    return 1;
  }

  /** Counts a failure of version 2; true when version 1 is to be used at once. */
  #noteVersion2(error: unknown): boolean {
    if (error instanceof KomariProtocolError) this.#version2Failures += 1;
    return this.#options.protocolVersion === "auto" && hasNoVersion2(error);
  }

  /** The description before the first report; a server that has no use for it may still take reports. */
  async #introduce(version: 1 | 2, reporter: KomariReporter, signal: AbortSignal): Promise<1 | 2> {
    try {
      return await this.#describe(version, reporter, signal);
    } catch (error) {
      if (!(error instanceof KomariProtocolError)) throw error;
      this.#options.log.warn({ reason: error.message }, "description refused");
      return version;
    }
  }

  /** Sends the node's description; gives the version to go on with. */
  async #describe(version: 1 | 2, reporter: KomariReporter, signal: AbortSignal): Promise<1 | 2> {
    const info = reporter.basicInfo();
    // Only version 1 makes the server note the address that it sees.
    const hidesAddress = info.ipv4 === "" && info.ipv6 === "";
    if (version === 1 || hidesAddress) {
      await this.#server.uploadBasicInfo(info, signal);
      return version;
    }
    try {
      await this.#server.rpcBasicInfo(info, signal);
      return version;
    } catch (error) {
      if (!(error instanceof KomariProtocolError)) throw error;
      const goesOn = this.#noteVersion2(error) ? 1 : version;
      await this.#server.uploadBasicInfo(info, signal);
      return goesOn;
    }
  }

  /** A socket of the wanted version, or of version 1 where there is no other, or none where none can be had. */
  async #open(
    version: 1 | 2,
    signal: AbortSignal,
  ): Promise<{ readonly version: 1 | 2; readonly socket: ClientSocket | undefined }> {
    try {
      return { version, socket: await this.#server.openReports(version, signal) };
    } catch (error) {
      if (isAborted(signal) || error instanceof KomariRefusedError) throw error;
      if (version === 2 && this.#noteVersion2(error)) return this.#open(1, signal);
      this.#socketFailures += 1;
      const isBlocked = this.#socketFailures >= SOCKETS_BEFORE_POST && error instanceof AppError;
      if (!isBlocked) throw error;
      return { version, socket: undefined };
    }
  }
}

/** A Komari server as an uplink. */
export function createKomariUplink(options: KomariUplinkOptions): Uplink {
  return new KomariUplink(options);
}
