import { isAborted } from "../core/abort.ts";
import { sleep } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import { CancelledError } from "../core/errors.ts";
import type { Loopback } from "../platform/loopback/port.ts";
import type { ProcessRunner } from "../platform/process/port.ts";
import type { SysStats } from "../protocol/xray/messages.ts";
import { isFatalLine } from "../protocol/xray/start-log.ts";
import { CoreClient } from "./core-client.ts";
import type { CoreCommand } from "./core-command.ts";
import { launchCore } from "./core-process.ts";
import type { CoreProcess } from "./core-process.ts";
import { CoreCallError, CoreStartError } from "./proxy-errors.ts";

export interface CoreRunOptions {
  readonly process: ProcessRunner;
  readonly loopback: Loopback;
  readonly clock: Clock;
  readonly command: CoreCommand;
  /** The complete configuration. */
  readonly config: string;
  readonly apiPort: number;
  /** Gets every line of the core's log for as long as it runs. */
  readonly onLine: (line: string) => void;
}

const POLL_MS = 100;
const POLL_TIMEOUT_MS = 1000;
/** Slow boards read large data files first. */
const START_LIMIT_MS = 60_000;
const TAIL_LINES = 20;

/** What the core has said since it was launched, for the message when it does not serve. */
class StartLog {
  readonly #tail: string[] = [];
  #fatal: string | undefined;

  add(line: string): void {
    if (isFatalLine(line)) this.#fatal = line;
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
  }

  /** The failure that the log tells of; undefined when it tells of none. */
  get failure(): CoreStartError | undefined {
    if (this.#fatal === undefined) return undefined;
    return new CoreStartError(`failed to start xray: ${this.#fatal}`);
  }

  describe(what: string): CoreStartError {
    if (this.failure !== undefined) return this.failure;
    if (this.#tail.length === 0) return new CoreStartError(what);
    return new CoreStartError(`${what}; recent xray logs: ${this.#tail.join("\n")}`);
  }
}

/** One life of the core, from the launch to its end. */
export class CoreRun {
  readonly client: CoreClient;
  readonly #core: CoreProcess;

  constructor(process: CoreProcess, client: CoreClient) {
    this.#core = process;
    this.client = client;
  }

  get isRunning(): boolean {
    return this.#core.isRunning;
  }

  /** Resolves when the process is gone. */
  get exited(): Promise<unknown> {
    return this.#core.exited;
  }

  async end(): Promise<void> {
    this.client.close();
    await this.#core.kill();
  }

  /** Rejects with `CoreCallError`. */
  sysStats(timeoutMs: number): Promise<SysStats> {
    return this.client.sysStats(timeoutMs);
  }
}

async function untilReady(
  run: CoreRun,
  log: StartLog,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.monotonic();
  for (;;) {
    if (isAborted(signal)) throw new CancelledError("context cancelled");
    try {
      await run.sysStats(POLL_TIMEOUT_MS);
      return;
    } catch (error) {
      if (!(error instanceof CoreCallError)) throw error;
    }
    if (!run.isRunning) throw log.describe("xray process stopped before API became ready");
    if (log.failure !== undefined) throw log.failure;
    if (clock.monotonic() - startedAt > START_LIMIT_MS) {
      throw log.describe("failed to start xray: context timeout");
    }
    // An end of the process is noticed at once.
    await Promise.race([sleep(clock, POLL_MS, signal).catch(() => undefined), run.exited]);
  }
}

/**
 * Launches the core and waits until its API answers. On failure nothing is left running. Rejects with
 * `CoreStartError`, or `CancelledError` when aborted.
 */
export async function startCoreRun(options: CoreRunOptions, signal: AbortSignal): Promise<CoreRun> {
  const { process, loopback, clock, command, config, apiPort, onLine } = options;
  const log = new StartLog();
  let isStarting = true;
  const rpc = await loopback.dial(apiPort);
  const client = new CoreClient(rpc, command.family);
  const launched = await launchCore(process, command, config, (line) => {
    if (isStarting) log.add(line);
    onLine(line);
  }).catch((error: unknown) => {
    client.close();
    throw error;
  });
  const run = new CoreRun(launched, client);
  try {
    await untilReady(run, log, clock, signal);
    isStarting = false;
    return run;
  } catch (error) {
    await run.end();
    throw error;
  }
}
