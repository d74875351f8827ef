import type { WebSocket } from "ws";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";

const PING_EVERY_MS = 15_000;
/** A pong that takes longer than half of the period means that the peer is gone (PiKVM API 5.1). */
const PONG_WITHIN_MS = PING_EVERY_MS / 2;
/** A fleet of agents takes turns: all of their pongs at once would keep everybody else waiting. */
const AT_ONCE = 250;
const TURN_EVERY_MS = 50;

/** Pings all sockets, many at a time, and drops those that do not answer. Timers run only while there are sockets. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sockets = new Set<WebSocket>();
  readonly #unanswered = new Set<WebSocket>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  add(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on("pong", () => {
      this.#unanswered.delete(socket);
    });
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#unanswered.delete(socket);
      if (this.#sockets.size === 0) this.#stop();
    });
    this.#cancel ??= this.#clock.setTimer(PING_EVERY_MS, () => {
      this.#ping(this.#sockets.values());
    });
  }

  /** Pings the next ones of a round; who comes or goes meanwhile is seen or left out. */
  #ping(round: Iterator<WebSocket>): void {
    for (let count = 0; count < AT_ONCE; count += 1) {
      const next = round.next();
      if (next.done === true) {
        this.#cancel = this.#clock.setTimer(PONG_WITHIN_MS, () => {
          this.#reap();
        });
        return;
      }
      const socket = next.value;
      if (socket.readyState !== socket.OPEN) continue;
      this.#unanswered.add(socket);
      socket.ping();
    }
    this.#cancel = this.#clock.setTimer(TURN_EVERY_MS, () => {
      this.#ping(round);
    });
  }

  #reap(): void {
    this.#cancel = this.#clock.setTimer(PING_EVERY_MS - PONG_WITHIN_MS, () => {
      this.#ping(this.#sockets.values());
    });
    for (const socket of this.#unanswered) {
      this.#log.debug({}, "WebSocket peer does not answer, dropped");
      socket.terminate();
    }
    this.#unanswered.clear();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
