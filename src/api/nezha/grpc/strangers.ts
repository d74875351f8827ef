import type { Socket } from "node:net";
import { every } from "../../../core/clock.ts";
import type { Clock } from "../../../core/clock.ts";
import { peerOf } from "../../../http/address.ts";

/** Connections that have not proven yet whose they are: they take no room from agents, and have little time. */
export const SPARE_STRANGERS = 256;
const PATIENCE_MS = 30_000;
const LOOK_MS = 5000;

interface Stranger {
  readonly socket: Pick<Socket, "destroy">;
  readonly sinceMs: number;
}

/** Watches connections until one call on them was let in. */
export class Strangers {
  readonly #clock: Clock;
  readonly #knownNodes: () => number;
  readonly #byPeer = new Map<string, Stranger>();
  readonly #stop: () => void;

  /** So many nodes are known now: all of them may come at once, as after a restart. */
  constructor(clock: Clock, knownNodes: () => number) {
    this.#clock = clock;
    this.#knownNodes = knownNodes;
    this.#stop = every(clock, LOOK_MS, () => {
      this.#look();
    });
  }

  get count(): number {
    return this.#byPeer.size;
  }

  /** A connection that just came. Of too many the oldest goes. */
  add(socket: Socket): void {
    const peer = peerOf(socket);
    this.#byPeer.set(peer, { socket, sinceMs: this.#clock.monotonic() });
    socket.once("close", () => {
      this.#byPeer.delete(peer);
    });
    if (this.#byPeer.size <= this.#knownNodes() + SPARE_STRANGERS) return;
    for (const [oldest, { socket: given }] of this.#byPeer) {
      this.#byPeer.delete(oldest);
      given.destroy();
      return;
    }
  }

  /** A call of this peer was let in. */
  admit(peer: string): void {
    this.#byPeer.delete(peer);
  }

  close(): void {
    this.#stop();
    this.#byPeer.clear();
  }

  /** In order of arrival, so that the first who still has time ends it. */
  #look(): void {
    const nowMs = this.#clock.monotonic();
    for (const [peer, { socket, sinceMs }] of this.#byPeer) {
      if (nowMs - sinceMs < PATIENCE_MS) return;
      this.#byPeer.delete(peer);
      socket.destroy();
    }
  }
}
