/**
 * Who else is connected to `/api/ws`, and who is typing, also by requests. Additional to the original: only clients that
 * ask for it with `presence=1` get the event, so that those made for PiKVM see nothing unknown.
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

/** Nobody reads what it is sent. */
const NO_OUTBOX: PresenceClient["outbox"] = { send: () => undefined };

/** One client, from its hello to its goodbye. */
class Presence {
  readonly id: number;
  readonly client: PresenceClient;
  readonly since: number;
  typedAt = Number.NEGATIVE_INFINITY;
  /** Its requests that are typing now. */
  requests = 0;
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

/** Somebody who types by a request instead of over a socket. */
export interface RequestTypist {
  readonly user: string;
  /** The `id` of the socket that it says is its own; counts for a socket of the same account only. */
  readonly client: number | undefined;
}

/** Everybody who is connected. */
export class WsPresence {
  readonly #clock: Clock;
  readonly #present = new Set<Presence>();
  /** Who types without a socket, by account; each is there only while it types. */
  readonly #visitors = new Map<string, Presence>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells everybody about the newcomer. */
  join(client: PresenceClient): PresenceHandle {
    const present = this.#add(client);
    this.#tellAll();
    return {
      noteInput: () => this.#note(present),
      leave: () => {
        present.cancel();
        if (this.#present.delete(present)) this.#tellAll();
      },
    };
  }

  /** A request types from now until the answer is called. */
  noteRequest(typist: RequestTypist): () => void {
    const present = this.#socketOf(typist) ?? this.#visitorOf(typist);
    present.requests += 1;
    this.#note(present);
    return () => {
      present.requests -= 1;
      present.typedAt = this.#clock.monotonic();
    };
  }

  #add(client: PresenceClient): Presence {
    this.#lastId += 1;
    const present = new Presence(this.#lastId, client, this.#clock.now() / 1000);
    this.#present.add(present);
    return present;
  }

  #socketOf({ user, client }: RequestTypist): Presence | undefined {
    if (client === undefined) return undefined;
    for (const present of this.#present) {
      if (present.id === client && present.client.user === user) return present;
    }
    return undefined;
  }

  #visitorOf({ user }: RequestTypist): Presence {
    const known = this.#visitors.get(user);
    if (known !== undefined) return known;
    const visitor = this.#add({ outbox: NO_OUTBOX, user, isTold: false });
    this.#visitors.set(user, visitor);
    return visitor;
  }

  #note(present: Presence): void {
    present.typedAt = this.#clock.monotonic();
    if (!present.isTyping) this.#startTyping(present);
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
      if (present.requests > 0 || restMs > 0) {
        this.#watch(present, restMs > 0 ? restMs : TYPING_MS);
        return;
      }
      present.isTyping = false;
      this.#forgetVisitor(present);
      this.#tellAll();
    });
  }

  #forgetVisitor(present: Presence): void {
    const { user } = present.client;
    if (this.#visitors.get(user) !== present) return;
    this.#visitors.delete(user);
    this.#present.delete(present);
  }

  #tellAll(): void {
    const told = [...this.#present].filter(({ client }) => client.isTold);
    if (told.length === 0) return;
    const visitors = new Set(this.#visitors.values());
    const clients = Array.from(this.#present, (present) => ({
      id: present.id,
      user: present.client.user,
      since: present.since,
      typing: present.isTyping,
      visitor: visitors.has(present),
    }));
    for (const { id, client } of told) {
      const text = encodeWsEvent("presence", { you: id, clients });
      client.outbox.send("presence", encoder.encode(text));
    }
  }
}
