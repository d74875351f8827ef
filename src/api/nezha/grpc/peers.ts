import type { ServerHttp2Session } from "node:http2";
import { peerOf } from "../../../http/address.ts";

/** The connections, by the names that the gRPC library gives to the peers of calls. */
export class Peers {
  readonly #sessions = new Map<string, ServerHttp2Session>();

  add(session: ServerHttp2Session): void {
    const peer = peerOf(session.socket);
    this.#sessions.set(peer, session);
    session.once("close", () => {
      if (this.#sessions.get(peer) === session) this.#sessions.delete(peer);
    });
  }

  /** Below all calls, so that agents of every generation answer. `onAnswer` is not called for one that is gone. */
  ask(peer: string, onAnswer: () => void): void {
    const session = this.#sessions.get(peer);
    if (session === undefined || session.closed || session.destroyed) return;
    session.ping((error) => {
      if (error === null) onAnswer();
    });
  }
}
