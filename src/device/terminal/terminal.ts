import type { TerminalConfig } from "../../config/schema.ts";
import type { Clock } from "../../core/clock.ts";
import { CancelledError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Scope } from "../../core/scope.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { PtyHost } from "../../platform/pty/port.ts";
import type { Subsystem } from "../subsystem.ts";
import { TerminalBusyError, TerminalDisabledError } from "./terminal-errors.ts";
import { TerminalSession } from "./terminal-session.ts";
import type { TerminalEnd } from "./terminal-session.ts";

export interface TerminalState {
  readonly enabled: boolean;
  /** Open at the moment. */
  readonly sessions: number;
}

export interface TerminalRequest {
  /** Who asks, and from where; both are logged. */
  readonly user: string;
  readonly address: string;
  readonly cols: number;
  readonly rows: number;
  /** Output of the shell. The bytes belong to the listener. */
  onData(bytes: Uint8Array): void;
  /** Called once, also when the device stops. */
  onEnd(end: TerminalEnd): void;
}

/** Shells of the device itself. What is typed and shown is never logged; who had a session, from where and how long always is. */
export interface Terminal extends Subsystem<TerminalState> {
  readonly name: "terminal";
  /**
   * A shell. Rejects with `TerminalDisabledError`, `TerminalBusyError`, and `MissingPartError` when this machine
   * cannot start it. The caller closes the session.
   */
  open(request: TerminalRequest): Promise<TerminalSession>;
}

export interface TerminalOptions {
  readonly config: TerminalConfig;
  readonly pty: PtyHost;
  readonly clock: Clock;
  readonly log: Logger;
}

class PtyTerminal implements Terminal {
  readonly name = "terminal";
  readonly #options: TerminalOptions;
  readonly #state;
  readonly #sessions = new Set<TerminalSession>();
  #opening = 0;
  #isClosed = false;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#state = createStore<TerminalState>({ enabled: options.config.enabled, sessions: 0 });
  }

  get state(): Store<TerminalState> {
    return this.#state;
  }

  start(scope: Scope): Promise<void> {
    scope.defer(async () => {
      this.#isClosed = true;
      await Promise.all(Array.from(this.#sessions, (session) => session.close("stopped")));
    });
    return Promise.resolve();
  }

  async open(request: TerminalRequest): Promise<TerminalSession> {
    const { config, pty, clock, log } = this.#options;
    if (!config.enabled) throw new TerminalDisabledError();
    if (this.#sessions.size + this.#opening >= config.maxSessions) {
      throw new TerminalBusyError(config.maxSessions);
    }
    this.#opening += 1;
    try {
      const { cols, rows } = request;
      const { user, command, idleSeconds } = config;
      const shell = await pty.openShell({ user, command, cols, rows });
      if (this.#isClosed) {
        await shell.close();
        throw new CancelledError("The device stops");
      }
      const session = new TerminalSession({
        shell,
        request,
        clock,
        log,
        idleMs: idleSeconds * 1000,
      });
      this.#add(session);
      return session;
    } finally {
      this.#opening -= 1;
    }
  }

  #add(session: TerminalSession): void {
    this.#sessions.add(session);
    this.#count();
    session.ended.addEventListener("abort", () => {
      this.#sessions.delete(session);
      this.#count();
    });
  }

  #count(): void {
    this.#state.set({ ...this.#state.value, sessions: this.#sessions.size });
  }
}

export function createTerminal(options: TerminalOptions): Terminal {
  return new PtyTerminal(options);
}
