import type { Clock } from "../../core/clock.ts";
import { AppError, describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { SEVERITIES } from "../../protocol/fleet/alert-words.ts";
import type { ChannelSettings, ChannelView } from "../../protocol/fleet/channels.ts";
import { MailRefusedError } from "../../platform/outbound/port.ts";
import type { Outbound } from "../../platform/outbound/port.ts";
import type { EventLog } from "../event-log.ts";
import type { PendingWrites } from "../pending-writes.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import type { Channel, ChannelBook } from "./channel-book.ts";
import { withoutSecrets } from "./channels/deliver.ts";
import type { Deliver } from "./channels/deliver.ts";
import { DeliveryRefusedError } from "./channels/driver.ts";
import type { Message } from "./messages.ts";

/** Before the second attempt, the third, and so on; the last one repeats. */
const WAITS_MS: readonly number[] = [10_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];
const GIVE_UP_MS = 24 * 3_600_000;
/** A refusal that will not change is believed after so many attempts. */
const FINAL_ATTEMPTS = 2;
const MOST_WAITING = 200;

const NO_MESSAGE: Message = {
  title: "",
  body: "",
  severity: "info",
  event: "raised",
  rule: "",
  node: "",
  at: 0,
  time: "",
};

interface Letter {
  readonly id: number;
  readonly message: Message;
  readonly createdAt: number;
  attempts: number;
}

/** What waits for one channel; one letter is on its way at a time, in order. */
class Queue {
  readonly letters: Letter[] = [];
  isBusy = false;
  nextAt = 0;
  deliveredAt: number | null = null;
  failedAt: number | null = null;
  problem = "";
  problemCode = "";
  delivered = 0;
  failed = 0;

  get state(): ChannelView["state"] {
    const { deliveredAt, failedAt, problem, problemCode, delivered, failed } = this;
    const waiting = this.letters.length;
    return { deliveredAt, failedAt, problem, problemCode, waiting, delivered, failed };
  }
}

export interface OutboxOptions {
  readonly writes: PendingWrites;
  readonly channels: ChannelBook;
  readonly deliver: Deliver;
  readonly outbound: Outbound;
  readonly allow: readonly string[];
  readonly events: EventLog;
  readonly clock: Clock;
  readonly log: Logger;
}

function isFinal(error: unknown): boolean {
  const isRefusal = error instanceof DeliveryRefusedError || error instanceof MailRefusedError;
  return isRefusal && error.isFinal;
}

function waitMs(error: unknown, attempts: number): number {
  const usual = WAITS_MS[Math.min(attempts, WAITS_MS.length) - 1] ?? 0;
  const wished = error instanceof DeliveryRefusedError ? error.retryAfterSeconds * 1000 : 0;
  return Math.min(GIVE_UP_MS, Math.max(usual, wished));
}

const rank = (severity: Message["severity"]): number => SEVERITIES.indexOf(severity);

/** Messages on their way. They survive restarts; what cannot be delivered for a day is given up, and that is an event. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queues = new Map<number, Queue>();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #lastId = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Rejects with `StorageError`. */
  async load(tables: Tables): Promise<void> {
    const newest = await tables.read({
      sql: "SELECT MAX(id) AS id FROM notify_outbox",
      values: [],
    });
    this.#lastId = Number(newest[0]?.["id"] ?? 0);
    const sql =
      "SELECT id, channel, created_at, message FROM notify_outbox WHERE channel > 0 ORDER BY id";
    for (const row of await tables.read({ sql, values: [] })) {
      const message = parseTree(row["message"], NO_MESSAGE);
      const createdAt = Number(row["created_at"]);
      const letter = { id: Number(row["id"]), message, createdAt, attempts: 0 };
      this.#queueOf(Number(row["channel"])).letters.push(letter);
    }
  }

  /** Number of a new row of the table. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** To these channels, or to all when none are named. */
  post(message: Message, ids: readonly number[]): void {
    const { channels, clock, writes } = this.#options;
    for (const channel of channels.channels) {
      const isMeant = ids.length === 0 || ids.includes(channel.id);
      if (!isMeant || !channel.isEnabled) continue;
      if (rank(message.severity) < rank(channel.leastSeverity)) continue;
      const letter = { id: this.nextId(), message, createdAt: clock.now(), attempts: 0 };
      const queue = this.#queueOf(channel.id);
      queue.letters.push(letter);
      writes.add({
        sql: "INSERT INTO notify_outbox (id, channel, created_at, message) VALUES (?, ?, ?, ?)",
        values: [letter.id, channel.id, letter.createdAt, JSON.stringify(message)],
      });
      if (queue.letters.length > MOST_WAITING) {
        this.#giveUp(channel, queue, 1, "too many messages wait for it");
      }
    }
  }

  /** Once a second. */
  tick(): void {
    const now = this.#options.clock.now();
    for (const [id, queue] of this.#queues) {
      const channel = this.#options.channels.byId(id);
      if (channel === undefined) this.forget(id);
      else if (!queue.isBusy && queue.letters.length > 0 && now >= queue.nextAt) {
        this.#start(channel, queue);
      }
    }
  }

  stateOf(channel: number): ChannelView["state"] {
    return (this.#queues.get(channel) ?? new Queue()).state;
  }

  /** The channel was changed: what waits is tried at once. */
  retry(channel: number): void {
    const queue = this.#queues.get(channel);
    if (queue !== undefined) queue.nextAt = 0;
  }

  /** The channel is gone. */
  forget(channel: number): void {
    this.#queues.delete(channel);
    this.#options.writes.add({
      sql: "DELETE FROM notify_outbox WHERE channel = ?",
      values: [channel],
    });
  }

  /** Sends now, past the queue. Rejects with `Refused`. */
  async sendNow(settings: ChannelSettings, message: Message): Promise<string> {
    const { deliver, outbound, allow } = this.#options;
    const { signal } = this.#stop;
    try {
      return withoutSecrets(
        await deliver(settings, { message, outbound, allow, signal }),
        settings,
      );
    } catch (error) {
      throw new Refused(withoutSecrets(describeError(error), settings), { cause: error });
    }
  }

  /** Stops what is on its way; it stays in the table. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  #queueOf(channel: number): Queue {
    const queue = this.#queues.get(channel) ?? new Queue();
    this.#queues.set(channel, queue);
    return queue;
  }

  #start(channel: Channel, queue: Queue): void {
    queue.isBusy = true;
    const running = this.#send(channel, queue).finally(() => {
      queue.isBusy = false;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #send(channel: Channel, queue: Queue): Promise<void> {
    const [letter] = queue.letters;
    if (letter === undefined) return;
    const { clock } = this.#options;
    letter.attempts += 1;
    try {
      await this.sendNow(channel.settings, letter.message);
      queue.deliveredAt = clock.now();
      queue.delivered += 1;
      queue.problem = "";
      queue.problemCode = "";
      this.#drop(queue, letter);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failed(channel, queue, letter, error);
    }
  }

  #failed(channel: Channel, queue: Queue, letter: Letter, error: unknown): void {
    const { clock, log } = this.#options;
    const cause = error instanceof Refused ? error.cause : error;
    const now = clock.now();
    queue.failedAt = now;
    queue.problem = describeError(error);
    queue.problemCode = refusalCode(error);
    queue.nextAt = now + waitMs(cause, letter.attempts);
    if (letter.attempts === 1) {
      log.warn({ channel: channel.name, problem: queue.problem }, "A message was not delivered");
    }
    const isHopeless = isFinal(cause) && letter.attempts >= FINAL_ATTEMPTS;
    if (!isHopeless && now - letter.createdAt < GIVE_UP_MS) return;
    this.#giveUp(channel, queue, queue.letters.indexOf(letter), queue.problem);
    queue.nextAt = now;
  }

  #giveUp(channel: Channel, queue: Queue, place: number, why: string): void {
    const letter = queue.letters[place];
    if (letter === undefined) return;
    const { events, clock } = this.#options;
    queue.failed += 1;
    const { severity, title } = letter.message;
    const text = `${channel.name}: ${title} (${why})`.slice(0, 500);
    const about = { node: 0, kind: "undelivered", rule: 0, value: null } as const;
    events.append({ ...about, at: clock.now(), severity, text });
    this.#drop(queue, letter);
  }

  #drop(queue: Queue, letter: Letter): void {
    const place = queue.letters.indexOf(letter);
    if (place >= 0) queue.letters.splice(place, 1);
    this.#options.writes.add({
      sql: "DELETE FROM notify_outbox WHERE id = ?",
      values: [letter.id],
    });
  }
}

/** Carries a text without secrets; the cause says what to do about it. */
class Refused extends Error {}

/** The code of what `sendNow` rejects with; empty where it has none. */
export function refusalCode(error: unknown): string {
  return error instanceof Refused && error.cause instanceof AppError ? error.cause.code : "";
}
