/** What waits for agents that no socket reaches: they fetch it by requests (Komari 1.7). */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../core/clock.ts";
import type { AgentLink, AgentTask } from "../../../hub/ingest.ts";
import { orderMethod } from "../../../protocol/komari/orders.ts";

const MOST_EVENTS = 128;
const LIFETIME_MS = 5 * 60_000;
/** A measurement is worth nothing later. */
const PING_LIFETIME_MS = 3000;
/** An agent that has not asked for so long does not come any more, or has a socket again. */
const GONE_MS = 35_000;
const PULL_MS = 25_000;
const EVENTS_WITH_REPORT = 8;

interface WaitingEvent {
  readonly id: string;
  /** Only the newest of a key is kept. */
  readonly key: string | undefined;
  readonly task: AgentTask;
  readonly createdAt: number;
  readonly expiresAt: number;
}

function wireEvent({ id, task, createdAt, expiresAt }: WaitingEvent): object {
  const [created_at, expires_at] = [createdAt, expiresAt].map((at) => new Date(at).toISOString());
  return { id, ...orderMethod(task), created_at, expires_at };
}

/** The way to one agent. */
export class PostLine implements AgentLink {
  readonly #clock: Clock;
  readonly #onClose: () => void;
  #events: WaitingEvent[] = [];
  #seenAt: number;
  #wake: (() => void) | undefined;

  constructor(clock: Clock, onClose: () => void) {
    this.#clock = clock;
    this.#onClose = onClose;
    this.#seenAt = clock.monotonic();
  }

  /** A terminal needs a socket, which this agent cannot open. */
  send(task: AgentTask): boolean {
    if (task.kind === "terminal" || this.isGone) return false;
    const createdAt = this.#clock.now();
    const isPing = task.kind === "ping";
    const key = isPing ? String(task.task) : undefined;
    const lifetime = isPing ? PING_LIFETIME_MS : LIFETIME_MS;
    this.#prune(createdAt);
    if (isPing) this.#events = this.#events.filter((event) => event.key !== key);
    const id = randomBytes(8).toString("hex");
    this.#events.push({ id, key, task, createdAt, expiresAt: createdAt + lifetime });
    if (this.#events.length > MOST_EVENTS) this.#events.shift();
    this.#wake?.();
    return true;
  }

  close(): void {
    this.#events = [];
    this.#wake?.();
    this.#onClose();
  }

  get isGone(): boolean {
    return this.#clock.monotonic() - this.#seenAt > GONE_MS;
  }

  /** The agent asks and tells what it has; the rest is delivered again until it has. */
  take(acknowledged: readonly string[], most = EVENTS_WITH_REPORT): readonly object[] {
    this.#seenAt = this.#clock.monotonic();
    this.#prune(this.#clock.now());
    if (acknowledged.length > 0) {
      this.#events = this.#events.filter(({ id }) => !acknowledged.includes(id));
    }
    return this.#events.slice(0, most).map(wireEvent);
  }

  /** The same, but waits for the first event. A second wait ends the first: an agent asks once at a time. */
  async pull(acknowledged: readonly string[], signal: AbortSignal): Promise<readonly object[]> {
    const events = this.take(acknowledged, MOST_EVENTS);
    if (events.length > 0) return events;
    await this.#event(signal);
    return this.take([], MOST_EVENTS);
  }

  /** Everything that waits, for the socket that the agent has again. */
  drain(): readonly AgentTask[] {
    this.#prune(this.#clock.now());
    const tasks = this.#events.map(({ task }) => task);
    this.close();
    return tasks;
  }

  #event(signal: AbortSignal): Promise<void> {
    this.#wake?.();
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        signal.removeEventListener("abort", wake);
        if (this.#wake === wake) this.#wake = undefined;
        resolve();
      };
      const cancel = this.#clock.setTimer(PULL_MS, wake);
      this.#wake = wake;
      if (signal.aborted) wake();
      else signal.addEventListener("abort", wake, { once: true });
    });
  }

  #prune(now: number): void {
    if (this.#events.some(({ expiresAt }) => expiresAt <= now)) {
      this.#events = this.#events.filter(({ expiresAt }) => expiresAt > now);
    }
  }
}

/** One for each node that reports by requests. */
export class PostLines {
  readonly #clock: Clock;
  readonly #lines = new Map<number, PostLine>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(node: number): PostLine {
    const known = this.#lines.get(node);
    if (known !== undefined) return known;
    const line = new PostLine(this.#clock, () => {
      if (this.#lines.get(node) === line) this.#lines.delete(node);
    });
    this.#lines.set(node, line);
    return line;
  }

  /** The node's own connection has come: what waits goes there. */
  find(node: number): PostLine | undefined {
    return this.#lines.get(node);
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const line of this.#lines.values()) line.close();
  }
}
