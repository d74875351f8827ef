import type { ControlConfig } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { PtySession } from "../platform/pty/port.ts";
import type { WorkerHost } from "../platform/worker/port.ts";
import { ControlDeniedError, TooManyTasksError } from "./task-errors.ts";
import type { CommandResult, Control, RemoteTerminal, Requester } from "./tasks.ts";

/** Per stream; servers keep results in a row of a table, and gRPC ends at 4 MiB. */
const MAX_OUTPUT_BYTES = 256 * 1024;
const MAX_COMMAND = 64 * 1024;
const SHOWN_COMMAND = 200;
/** A server that asks all the time does not fill the disk with refusals. */
const MAX_TOLD_REFUSALS = 30;
const REFUSALS_WINDOW_MS = 60_000;

export interface ControlOptions {
  readonly config: ControlConfig;
  readonly workers: WorkerHost;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What servers may do here, as configured: off, or limited, unprivileged and logged with who asked. */
export class LocalControl implements Control {
  readonly allows: Control["allows"];
  readonly #options: ControlOptions;
  #running = 0;
  #refusals = 0;
  #refusalsSince = Number.NEGATIVE_INFINITY;

  constructor(options: ControlOptions) {
    const { commands, terminal } = options.config;
    this.#options = options;
    this.allows = { commands, terminal };
  }

  refuse(what: string, by: Requester): void {
    this.#tellRefusal({ ...by, what });
  }

  async runCommand(text: string, by: Requester, signal: AbortSignal): Promise<CommandResult> {
    const { config, workers, clock, log } = this.#options;
    const what = { ...by, command: text.slice(0, SHOWN_COMMAND) };
    this.#enter(this.allows.commands, "Running commands", what);
    const startedAt = clock.monotonic();
    try {
      if (text.length > MAX_COMMAND) throw new TooManyTasksError("The command is too long");
      log.warn(what, "command of a server starts");
      const result = await workers.run({
        user: config.user,
        script: text,
        timeoutMs: config.commandSeconds * 1000,
        signal,
        maxOutputBytes: MAX_OUTPUT_BYTES,
      });
      const { exitCode } = result;
      log.warn({ ...what, exitCode, ms: this.#since(startedAt) }, "command of a server ended");
      return result;
    } catch (error) {
      const reason = describeError(error);
      log.warn({ ...what, reason, ms: this.#since(startedAt) }, "command of a server failed");
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  async openTerminal(
    size: { readonly cols: number; readonly rows: number },
    by: Requester,
  ): Promise<RemoteTerminal> {
    const { config, workers, clock, log } = this.#options;
    this.#enter(this.allows.terminal, "A terminal", by);
    const startedAt = clock.monotonic();
    let session: PtySession;
    try {
      session = await workers.openTerminal({ user: config.user, ...size });
    } catch (error) {
      this.#running -= 1;
      log.warn({ ...by, reason: describeError(error) }, "terminal of a server failed");
      throw error;
    }
    log.warn({ ...by, pid: session.pid }, "terminal of a server opened");
    let isOpen = true;
    const end = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#running -= 1;
      log.warn({ ...by, ms: this.#since(startedAt) }, "terminal of a server ended");
    };
    session.onExit(end);
    return {
      onData: (listener) => session.onData(listener),
      onExit: (listener) => session.onExit(listener),
      write: (data) => {
        session.write(data);
      },
      resize: (cols, rows) => {
        session.resize(cols, rows);
      },
      pause: () => {
        session.pause();
      },
      resume: () => {
        session.resume();
      },
      async close() {
        await session.close();
        end();
      },
    };
  }

  /** Takes a place; throws when there is none or nothing is allowed. */
  #enter(isAllowed: boolean, name: string, what: object): void {
    const { config } = this.#options;
    if (!isAllowed) {
      this.#tellRefusal(what);
      throw new ControlDeniedError(name);
    }
    if (this.#running >= config.maxTasks) throw new TooManyTasksError();
    this.#running += 1;
  }

  #tellRefusal(what: object): void {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    if (now - this.#refusalsSince >= REFUSALS_WINDOW_MS) {
      this.#refusalsSince = now;
      this.#refusals = 0;
    }
    this.#refusals += 1;
    if (this.#refusals > MAX_TOLD_REFUSALS) return;
    const isLast = this.#refusals === MAX_TOLD_REFUSALS;
    const more = isLast ? "; further ones in this minute are not logged" : "";
    log.warn(what, `task of a server refused${more}`);
  }

  #since(startedAt: number): number {
    return Math.round(this.#options.clock.monotonic() - startedAt);
  }
}
