/** Agents that connect again and again: two machines with one token, or a flood. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../../core/clock.ts";
import { AppError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import { Allowance } from "./allowance.ts";

/** This node has opened a connection too often. */
export class TooManyConnectionsError extends AppError {
  static readonly code = "TOO_MANY_CONNECTIONS";
  constructor(message = "This node connects too often", options?: ErrorOptions) {
    super("rateLimited", TooManyConnectionsError.code, message, options);
  }
}

/** Stock agents try every 5 s. */
const CONNECTIONS = { burst: 20, perSecond: 0.5, keys: 100_000 } as const;
/** Two connections within less than this, and one takes the other's place. */
const TELL_AGAIN_MS = 10 * 60_000;
const WARN = { burst: 1, perSecond: 1000 / TELL_AGAIN_MS, keys: 1000 } as const;

export interface ReconnectionsOptions {
  readonly clock: Clock;
  readonly log: Logger;
}

export class Reconnections {
  readonly #log: Logger;
  readonly #connections: Allowance<number>;
  readonly #warnings: Allowance<number>;

  constructor({ clock, log }: ReconnectionsOptions) {
    this.#log = log;
    this.#connections = new Allowance(CONNECTIONS, clock);
    this.#warnings = new Allowance(WARN, clock);
  }

  /** Before a socket is opened. Throws `TooManyConnectionsError`. */
  readonly admit = (
    { agent }: FastifyRequest,
    _reply: FastifyReply,
    done: (error?: Error) => void,
  ): void => {
    const node = agent?.node ?? 0;
    if (this.#connections.take(node)) {
      done();
      return;
    }
    if (this.#warnings.take(node)) {
      this.#log.warn({ node }, "A node connects again and again; do two machines use its token?");
    }
    done(new TooManyConnectionsError());
  };
}
