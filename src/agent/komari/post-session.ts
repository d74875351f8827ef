import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { ClientSocket } from "../../platform/web/port.ts";
import { eventsOf } from "../../protocol/komari/commands.ts";
import { rpcText } from "../../protocol/komari/rpc.ts";
import type { KomariPingResult } from "../../protocol/komari/rpc.ts";
import { KomariProtocolError } from "./komari-errors.ts";
import type { KomariServer } from "./server.ts";
import type { KomariReporter, KomariSource } from "./source.ts";
import type { KomariTasks } from "./tasks.ts";

const TRY_SOCKET_MS = 30_000;
/** So many failures in a row: this way is closed too. */
const MAX_FAILURES = 3;
/** The server holds a call for events up to 25 s. */
const PULL_TIMEOUT_MS = 35_000;
const PULL_PAUSE_MS = 5000;
/** What a call for events announces: nothing that this device refuses anyway would be gained by leaving it out. */
const CAPABILITIES = ["exec", "ping", "message", "event", "terminal"];

export interface PostSessionOptions {
  readonly server: KomariServer;
  readonly version: 1 | 2;
  readonly source: KomariSource;
  readonly reporter: KomariReporter;
  readonly tasks: KomariTasks;
  /** For servers before 1.1.4; empty when unknown. */
  readonly uuid: string;
  readonly describe: () => void;
  /** A report was accepted. */
  readonly onReport: () => void;
  readonly signal: AbortSignal;
}

/** Reports by single requests where something on the way lets no WebSocket pass (Komari 1.6, 1.7). */
class PostSession {
  readonly #options: PostSessionOptions;
  #acknowledge: readonly string[] = [];
  #calls = 0;

  constructor(options: PostSessionOptions) {
    this.#options = options;
  }

  async report(signal: AbortSignal): Promise<void> {
    const { server, version, reporter, uuid } = this.#options;
    const report = reporter.report();
    if (version === 1) {
      await server.postReport(uuid === "" ? report : { ...report, uuid }, signal);
      return;
    }
    const acknowledged = this.#acknowledge;
    const params = { report, ack_event_ids: acknowledged };
    const result = await server.rpc(rpcText("agent.report", params, this.#id("report")), signal);
    this.#take(result, acknowledged);
  }

  async pull(signal: AbortSignal): Promise<void> {
    const { server } = this.#options;
    const acknowledged = this.#acknowledge;
    const params = { capabilities: CAPABILITIES, ack_event_ids: acknowledged };
    const body = rpcText("agent.pull", params, this.#id("pull"));
    this.#take(await server.rpc(body, signal, PULL_TIMEOUT_MS), acknowledged);
  }

  #take(result: unknown, acknowledged: readonly string[]): void {
    const { tasks, server, signal } = this.#options;
    const send = async (value: KomariPingResult): Promise<void> => {
      await server.rpc(rpcText("agent.pingResult", value), signal);
    };
    const taken = tasks.takeEvents(eventsOf(result), send, signal);
    const waiting = this.#acknowledge.filter((id) => !acknowledged.includes(id));
    this.#acknowledge = [...waiting, ...taken].slice(-128);
  }

  #id(word: string): string {
    this.#calls += 1;
    return `${word}-${this.#options.source.clock.now()}-${this.#calls}`;
  }
}

async function pullEvents(
  session: PostSession,
  { source, signal: outer }: PostSessionOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = source;
  while (!isAborted(signal) && !isAborted(outer)) {
    try {
      await session.pull(signal);
    } catch (error) {
      if (isAborted(signal)) return;
      log.debug({ reason: describeError(error) }, "no events by HTTP");
      await sleep(clock, PULL_PAUSE_MS, signal).catch(() => undefined);
    }
  }
}

async function reportUntilSocket(
  session: PostSession,
  options: PostSessionOptions,
  signal: AbortSignal,
): Promise<ClientSocket> {
  const { server, version, source, describe, onReport } = options;
  const { clock, intervalMs, infoIntervalMs } = source;
  let failures = 0;
  let socketAt = clock.monotonic() + TRY_SOCKET_MS;
  let describeAt = clock.monotonic() + infoIntervalMs;
  for (;;) {
    try {
      await session.report(signal);
      onReport();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= MAX_FAILURES || isAborted(signal)) throw error;
    }
    await sleep(clock, intervalMs, signal);
    const now = clock.monotonic();
    if (now >= describeAt) {
      describeAt = now + infoIntervalMs;
      describe();
    }
    if (now < socketAt) continue;
    socketAt = now + TRY_SOCKET_MS;
    const socket = await server.openReports(version, signal).catch(() => undefined);
    if (socket !== undefined) return socket;
  }
}

/** Reports by HTTP until a socket can be opened, and gives that; rejects when HTTP does not work either. */
export async function runPostSession(options: PostSessionOptions): Promise<ClientSocket> {
  const { version, signal } = options;
  if (isAborted(signal)) throw new KomariProtocolError("stopped", 0);
  const own = new AbortController();
  const onAbort = (): void => {
    own.abort();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const session = new PostSession(options);
  const pulling = version === 2 ? pullEvents(session, options, own.signal) : Promise.resolve();
  try {
    return await reportUntilSocket(session, options, own.signal);
  } finally {
    own.abort();
    signal.removeEventListener("abort", onAbort);
    await pulling;
  }
}
