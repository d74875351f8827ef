/**
 * Who else is connected to `/api/ws`, and who is typing. Additional to the original: only clients that ask for it with
 * `presence=1` get the event, so that those made for PiKVM see nothing unknown.
 */
import type { Clock } from "../../core/clock.ts";
import { encodeWsEvent } from "../../protocol/kvmd/ws-json.ts";
import type { WsOutbox } from "./ws-outbox.ts";

/** So long after the last key somebody counts as typing. */
const TYPING_MS = 2000;

export interface PresenceClient {
  readonly outbox: Pick<WsOutbox, "send">;
  readonly user: string;
  /** Whether it is told about the others. */
  readonly isTold: boolean;
}

const encoder = new TextEncoder();

/** One client, from its hello to its goodbye. */
class Presence {
  readonly id: number;
  readonly client: PresenceClient;
  readonly since: number;
  typedAt = Number.NEGATIVE_INFINITY;
  isTyping = false;
  cancel = (): void => undefined;

  constructor(id: number, client: PresenceClient, since: number) {
    this.id = id;
    this.client = client;
    this.since = since;
  }
}

export interface PresenceHandle {
  /** The client has pressed something. */
  readonly noteInput: () => void;
  readonly leave: () => void;
}

/** Everybody who is connected. */
export class WsPresence {
  readonly #clock: Clock;
  readonly #present = new Set<Presence>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells everybody about the newcomer. */
  join(client: PresenceClient): PresenceHandle {
    this.#lastId += 1;
    const present = new Presence(this.#lastId, client, this.#clock.now() / 1000);
    this.#present.add(present);
    this.#tellAll();
    return {
      noteInput: () => {
        present.typedAt = this.#clock.monotonic();
        if (!present.isTyping) this.#startTyping(present);
      },
      leave: () => {
        present.cancel();
        if (this.#present.delete(present)) this.#tellAll();
      },
    };
  }

  #startTyping(present: Presence): void {
    if (!this.#present.has(present)) return;
    present.isTyping = true;
    this.#tellAll();
    this.#watch(present, TYPING_MS);
  }

  /** One timer for as long as somebody types, not one for each key. */
  #watch(present: Presence, delayMs: number): void {
    present.cancel = this.#clock.setTimer(delayMs, () => {
      const restMs = present.typedAt + TYPING_MS - this.#clock.monotonic();
      if (restMs > 0) {
        this.#watch(present, restMs);
        return;
      }
      present.isTyping = false;
      this.#tellAll();
    });
  }

  #tellAll(): void {
    const told = [...this.#present].filter(({ client }) => client.isTold);
    if (told.length === 0) return;
    const clients = Array.from(this.#present, ({ id, client, since, isTyping }) => ({
      id,
      user: client.user,
      since,
      typing: isTyping,
    }));
    for (const { id, client } of told) {
      const text = encodeWsEvent("presence", { you: id, clients });
      client.outbox.send("presence", encoder.encode(text));
    }
  }
}
