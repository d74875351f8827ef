import type { IPty } from "node-pty";
import { systemClock } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { clamp } from "../../core/bytes.ts";
import { describeError, MissingPartError } from "../../core/errors.ts";
import type { Environment } from "../process/environment.ts";
import { childEnvironment } from "../process/environment.ts";
import type { PtyHost, PtyOptions, PtySession } from "./port.ts";
import { loadNodePty } from "./pty-addon.ts";
import { killSession } from "./session-members.ts";
import { currentAccount, shellProgram } from "./shell.ts";

const TERMINAL_NAME = "xterm-256color";
/** A program that ignores the hang-up gets this long before it is killed. */
const GRACE_MS = 1000;
const MAX_SIDE = 1000;

function side(cells: number): number {
  return Number.isFinite(cells) ? clamp(Math.trunc(cells), 1, MAX_SIDE) : 1;
}

class NodePtySession implements PtySession {
  readonly #pty: IPty;
  readonly #clock: Clock;
  readonly #exited: Promise<void>;
  #hasExited = false;

  constructor(pty: IPty, clock: Clock) {
    this.#pty = pty;
    this.#clock = clock;
    this.#exited = new Promise((resolve) => {
      pty.onExit(() => {
        this.#hasExited = true;
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    // Without an encoding node-pty delivers buffers, whatever its types say.
    const subscription = this.#pty.onData((data: unknown) => {
      if (data instanceof Uint8Array) listener(data);
    });
    return () => {
      subscription.dispose();
    };
  }

  onExit(listener: (exitCode: number) => void): () => void {
    const subscription = this.#pty.onExit(({ exitCode }) => {
      listener(exitCode);
    });
    return () => {
      subscription.dispose();
    };
  }

  write(data: string | Uint8Array): void {
    if (this.#hasExited) return;
    this.#pty.write(typeof data === "string" ? data : Buffer.from(data));
  }

  resize(cols: number, rows: number): void {
    if (this.#hasExited) return;
    this.#pty.resize(side(cols), side(rows));
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  async close(): Promise<void> {
    if (this.#hasExited) return;
    // A paused terminal would keep its last output and with it the end.
    this.#pty.resume();
    this.#pty.kill("SIGHUP");
    if (await this.#exitsWithin(GRACE_MS)) return;
    // What its programs were told to ignore they ignore too.
    killSession(this.pid);
    await this.#exitsWithin(GRACE_MS);
  }

  #exitsWithin(delayMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(delayMs, () => {
        resolve(this.#hasExited);
      });
      void this.#exited.then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}

/** `env`, where given, is all that the program gets. */
async function spawnSession(clock: Clock, options: PtyOptions): Promise<PtySession> {
  const { command, args, cols, rows, ...surroundings } = options;
  const { spawn } = await loadNodePty();
  try {
    const pty = spawn(command, [...args], {
      name: TERMINAL_NAME,
      cols: side(cols),
      rows: side(rows),
      encoding: null,
      ...surroundings,
    });
    return new NodePtySession(pty, clock);
  } catch (cause) {
    throw new MissingPartError(`No terminal for ${command}: ${describeError(cause)}`, { cause });
  }
}

/**
 * Programs on pseudo-terminals through node-pty. `environment` is what programs inherit, to be given where the
 * caller adds variables of its own.
 */
export function createNodePtyHost(
  environment: Environment = {},
  clock: Clock = systemClock,
): PtyHost {
  return {
    open({ env, ...options }) {
      const variables = env === undefined ? undefined : childEnvironment(environment, env);
      return spawnSession(clock, {
        ...options,
        ...(variables === undefined ? {} : { env: variables }),
      });
    },
    async openShell({ user, command, cols, rows }) {
      const program = shellProgram({ user, command }, currentAccount(), environment);
      return spawnSession(clock, { ...program, cols, rows });
    },
  };
}
