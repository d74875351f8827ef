import { setMaxListeners } from "node:events";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { ReplyTimeoutError, describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { GRPC_STATUS, GrpcStatusError } from "../../platform/net/grpc/port.ts";
import type { GrpcChannel, GrpcStream } from "../../platform/net/grpc/port.ts";
import { EMPTY_GEO_IP } from "../../protocol/nezha/messages.ts";
import type { NezhaHost, NezhaTaskResult } from "../../protocol/nezha/messages.ts";
import { METHOD } from "../../protocol/nezha/service.ts";
import { bootReceiptCodec, taskCodec, taskResultCodec } from "../../protocol/nezha/shared.ts";
import { geoIpCodecV0 } from "../../protocol/nezha/v0.ts";
import { geoIpCodecV1 } from "../../protocol/nezha/v1.ts";
import type { NezhaDialect, NezhaGreeting } from "./dialect.ts";
import { createNezhaTaskRunner } from "./tasks.ts";
import { toNezhaHost, toNezhaState } from "./values.ts";
import type { Sample } from "../sample.ts";
import type { Control, Probes } from "../tasks.ts";
import type { Facts } from "../uplink.ts";
import { averagedSince } from "../window.ts";

// One connection to a dashboard, from the first description of the machine to the first failure (Nezha facts 1.6).

const CALL_TIMEOUT_MS = 10_000;
/** A path that is dead in one direction shows nowhere else than in a receipt that does not come. */
const RECEIPT_TIMEOUT_MS = 12_000;
/** What changes often (a power LED) does not describe the machine anew more often than this. */
const MIN_HOST_INTERVAL_MS = 15_000;

/** What a session reports and whom it asks. */
export interface NezhaSource {
  readonly uplink: string;
  readonly version: string;
  readonly facts: Facts;
  /** What the KVM says about itself, in a few words; empty: nothing. */
  readonly health: Store<string>;
  readonly probes: Probes;
  readonly control: Control;
  readonly clock: Clock;
  readonly log: Logger;
  readonly intervalMs: number;
  readonly hostIntervalMs: number;
  /** Off: the dashboard is not asked to note where this machine is. */
  readonly reportsAddress: boolean;
}

/** What outlives a session, so that a dashboard is told only what it does not know. */
export interface NezhaMemory {
  /** Dashboard start and addresses of the last accepted address report. */
  geoKey: string;
}

export interface NezhaSessionOptions {
  readonly channel: GrpcChannel;
  readonly greeting: NezhaGreeting;
  readonly source: NezhaSource;
  readonly samples: Store<Sample>;
  readonly memory: NezhaMemory;
  readonly signal: AbortSignal;
  /** The dashboard has accepted a report. */
  readonly onReport: () => void;
}

export function describeHost(source: NezhaSource, sample: Sample): NezhaHost {
  const { facts, health, version } = source;
  return toNezhaHost(facts.value, sample, { version, health: health.value });
}

function endOf(error: GrpcStatusError | undefined): GrpcStatusError {
  return error ?? new GrpcStatusError(GRPC_STATUS.unknown, "The dashboard ended the session");
}

/** Rejects when the stream ends, whatever the reason; never resolves. */
function untilEnd(stream: GrpcStream): Promise<never> {
  return new Promise((_resolve, reject) => {
    stream.onClose((error) => {
      reject(endOf(error));
    });
  });
}

/** A lock-step stream: a message, then its receipt. */
class ReceiptStream {
  readonly #stream: GrpcStream;
  readonly #clock: Clock;
  #waiting: (() => void) | undefined;

  constructor(stream: GrpcStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    stream.onMessage(() => {
      this.#waiting?.();
    });
  }

  async exchange(message: Uint8Array): Promise<void> {
    let stopTimer: () => void = () => undefined;
    let unsubscribe: Unsubscribe = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        stopTimer = this.#clock.setTimer(RECEIPT_TIMEOUT_MS, () => {
          reject(new ReplyTimeoutError("The dashboard has not confirmed a report"));
        });
        unsubscribe = this.#stream.onClose((error) => {
          reject(endOf(error));
        });
        this.#waiting = resolve;
        this.#stream.send(message).catch(reject);
      });
    } finally {
      stopTimer();
      unsubscribe();
      this.#waiting = undefined;
    }
  }
}

class NezhaSession {
  readonly #options: NezhaSessionOptions;
  readonly #dialect: NezhaDialect;
  readonly #ending = new AbortController();
  #bootTime: number | undefined;
  #hostSentAt = 0;
  #hostSent: Uint8Array = new Uint8Array();
  #hostWanted = false;
  #before: Sample | undefined;

  constructor(options: NezhaSessionOptions) {
    this.#options = options;
    this.#dialect = options.greeting.dialect;
    this.#bootTime = options.greeting.bootTime;
    // Every task listens; their number has a limit of its own.
    setMaxListeners(0, this.#ending.signal);
  }

  async run(): Promise<never> {
    const { signal, channel, memory } = this.#options;
    const onAbort = (): void => {
      this.#ending.abort();
      channel.close();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      if (this.#bootTime === undefined) await this.#sendHost();
      else this.#noteHost(this.#encodeHost());
      // Without a number that tells one start of the dashboard from another, every connection may be to a new one.
      if (this.#bootTime === undefined) memory.geoKey = "";
      const tasks = this.#openTasks();
      return await Promise.race([untilEnd(tasks), this.#report()]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#ending.abort();
    }
  }

  async #call(path: string, message: Uint8Array): Promise<Uint8Array> {
    return this.#options.channel.unary(path, message, {
      metadata: this.#dialect.metadata,
      timeoutMs: CALL_TIMEOUT_MS,
    });
  }

  #encodeHost(): Uint8Array {
    const { source, samples } = this.#options;
    return this.#dialect.hostCodec.encode(describeHost(source, samples.value));
  }

  async #sendHost(): Promise<void> {
    const { hostMethod } = this.#dialect;
    const host = this.#encodeHost();
    const answer = await this.#call(hostMethod, host);
    if (hostMethod === METHOD.reportHost2) this.#bootTime = bootReceiptCodec.decode(answer).data;
    this.#noteHost(host);
  }

  #noteHost(host: Uint8Array): void {
    this.#hostWanted = false;
    this.#hostSent = host;
    this.#hostSentAt = this.#options.source.clock.monotonic();
  }

  #openTasks(): GrpcStream {
    const { channel, source } = this.#options;
    const dialect = this.#dialect;
    const stream = channel.stream(METHOD.requestTask, dialect.metadata);
    const runner = createNezhaTaskRunner({
      ...source,
      signal: this.#ending.signal,
      sendsKeepalive: dialect.generation === "v1",
      answersKeepalive: dialect.results === "stream",
      openStream: () => channel.stream(METHOD.ioStream, dialect.metadata),
      reportHost: () => {
        this.#hostWanted = true;
      },
      reply: (result) => this.#reply(stream, result),
    });
    stream.onMessage((message) => {
      try {
        runner.take(taskCodec.decode(message));
      } catch (error) {
        source.log.debug({ err: error }, "task dropped");
      }
    });
    if (dialect.results === "unary") {
      // The request of this call is a description of the machine, and the only one.
      void stream.send(this.#hostSent).catch(() => undefined);
      stream.end();
    }
    return stream;
  }

  async #reply(tasks: GrpcStream, result: NezhaTaskResult): Promise<void> {
    const message = taskResultCodec.encode(result);
    if (this.#dialect.results === "stream") await tasks.send(message);
    else await this.#call(METHOD.reportTask, message);
  }

  /** Reports until something fails. */
  async #report(): Promise<never> {
    const { clock, intervalMs } = this.#options.source;
    const send = this.#stateSender();
    for (;;) {
      const startedAt = clock.monotonic();
      await send(this.#nextState());
      this.#options.onReport();
      if (this.#isHostDue()) await this.#sendHost();
      await this.#reportAddress();
      const rest = Math.max(0, intervalMs - (clock.monotonic() - startedAt));
      await sleep(clock, rest, this.#ending.signal);
    }
  }

  #stateSender(): (message: Uint8Array) => Promise<unknown> {
    const { states, metadata } = this.#dialect;
    if (states === "unary") return (message) => this.#call(METHOD.reportState, message);
    const { channel, source } = this.#options;
    const receipts = new ReceiptStream(channel.stream(METHOD.reportState, metadata), source.clock);
    return (message) => receipts.exchange(message);
  }

  #nextState(): Uint8Array {
    const sample = this.#options.samples.value;
    const state = toNezhaState(averagedSince(sample, this.#before));
    this.#before = sample;
    return this.#dialect.stateCodec.encode(state);
  }

  #isHostDue(): boolean {
    const { clock, hostIntervalMs } = this.#options.source;
    const age = clock.monotonic() - this.#hostSentAt;
    if (this.#hostWanted || age >= hostIntervalMs) return true;
    if (age < MIN_HOST_INTERVAL_MS) return false;
    const host = this.#encodeHost();
    return Buffer.compare(host, this.#hostSent) !== 0;
  }

  /** Once for each start of the dashboard, and when an address changes. Trouble with it is no reason to reconnect. */
  async #reportAddress(): Promise<void> {
    const { source, memory } = this.#options;
    const { generation } = this.#dialect;
    const { ipv4, ipv6 } = source.facts.value;
    const key = `${generation} ${this.#bootTime ?? 0} ${ipv4} ${ipv6}`;
    if (!source.reportsAddress || memory.geoKey === key) return;
    memory.geoKey = key;
    try {
      if (generation === "v1") {
        // Without an address the dashboard takes the one that this connection comes from.
        const report = { ...EMPTY_GEO_IP, ip: { ipv4, ipv6 } };
        await this.#call(METHOD.reportGeoIp, geoIpCodecV1.encode(report));
      } else if (ipv4 !== "" || ipv6 !== "") {
        const ip = ipv4 === "" ? ipv6 : ipv4;
        await this.#call(METHOD.lookupGeoIp, geoIpCodecV0.encode({ ip, countryCode: "" }));
      }
    } catch (error) {
      source.log.debug({ problem: describeError(error) }, "the dashboard found no country");
    }
  }
}

/** Rejects with what ended it; the channel still has to be closed. */
export function runNezhaSession(options: NezhaSessionOptions): Promise<never> {
  return new NezhaSession(options).run();
}
