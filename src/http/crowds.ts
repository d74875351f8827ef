import type { FastifyInstance } from "fastify";
import type { Socket } from "node:net";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import { addressGroup, peerOf } from "./address.ts";

export interface CrowdsOptions {
  /** So many connections of one address; the next one is cut. */
  readonly most: number;
  /** Addresses that speak for many, and this machine itself. */
  readonly isExempt: (address: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often the log says that an address is crowded. */
const LOG_EVERY_MS = 60_000;

/**
 * Connections of each address that have not proven yet whose they are, over all listeners that share this: one address
 * cannot take the room of all. Who has proven it does not count any more, so that many may live behind one address.
 */
export class Crowds {
  readonly #options: CrowdsOptions;
  readonly #sizes = new Map<string, number>();
  /** Connections that count, by their peer: it may come with the same port to several listeners. */
  readonly #peers = new Map<string, { readonly group: string; count: number }>();
  readonly #proven = new WeakSet<Socket>();
  #refused = 0;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CrowdsOptions) {
    this.#options = options;
  }

  /** Connections that were cut. */
  get refused(): number {
    return this.#refused;
  }

  /** Counts a connection that has just come until it is proven or closed. False: it was cut, there are too many. */
  admit(socket: Socket): boolean {
    const { most, isExempt } = this.#options;
    const { remoteAddress = "" } = socket;
    if (isExempt(remoteAddress)) return true;
    const group = addressGroup(remoteAddress);
    const size = this.#sizes.get(group) ?? 0;
    if (size >= most) {
      this.#refuse(socket, group);
      return false;
    }
    const peer = peerOf(socket);
    this.#sizes.set(group, size + 1);
    const known = this.#peers.get(peer) ?? { group, count: 0 };
    known.count += 1;
    this.#peers.set(peer, known);
    socket.once("close", () => {
      this.release(peer);
    });
    return true;
  }

  /** As `release`, for a connection of which every request proves it anew. */
  releaseOnce(socket: Socket): void {
    if (this.#proven.has(socket)) return;
    this.#proven.add(socket);
    this.release(peerOf(socket));
  }

  /** This peer has proven who it is. */
  release(peer: string): void {
    const known = this.#peers.get(peer);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count === 0) this.#peers.delete(peer);
    const left = (this.#sizes.get(known.group) ?? 1) - 1;
    if (left > 0) this.#sizes.set(known.group, left);
    else this.#sizes.delete(known.group);
  }

  /** Without an answer: whoever floods would not read it. */
  #refuse(socket: Socket, address: string): void {
    this.#refused += 1;
    socket.destroy();
    const { clock, log, most } = this.#options;
    const nowMs = clock.monotonic();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + LOG_EVERY_MS;
    log.warn(
      { address, most },
      "An address has too many connections that prove nothing, more are cut",
    );
  }
}

/** Watches over an HTTP server. Register after the guard: whom it lets in as somebody is proven. */
export function watchCrowds(app: FastifyInstance, crowds: Crowds): void {
  app.server.on("connection", (socket: Socket) => {
    crowds.admit(socket);
  });
  app.addHook("onRequest", ({ principal, agent, raw }, _reply, done) => {
    if (principal !== null || agent !== null) crowds.releaseOnce(raw.socket);
    done();
  });
}
