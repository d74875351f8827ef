import type { NotificationSettings } from "../../protocol/fleet/channels.ts";
import type { PendingWrites } from "../pending-writes.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import { wallTime } from "../zone-time.ts";
import { composeMessage } from "./messages.ts";
import type { Message } from "./messages.ts";
import type { Notice, NoticeKind, NoticeSink } from "./notice.ts";
import type { Outbox } from "./outbox.ts";

/** What belongs together comes within this time. */
const GROUP_MS = 10_000;
/** One message in this time for the same kind of news about the same rule. */
const GAP_MS = 60_000;
const MOST_NOTICES = 50_000;
/** The row of a notice in the outbox table belongs to no channel. */
const NO_CHANNEL = 0;

const NO_NOTICE: Notice = {
  kind: "raised",
  rule: 0,
  ruleName: "",
  condition: { kind: "offline", afterSeconds: 0 },
  severity: "info",
  channels: [],
  node: 0,
  nodeName: "",
  at: 0,
  since: 0,
  value: undefined,
  changes: 0,
  isRaised: false,
};

interface Waiting {
  readonly id: number;
  readonly notice: Notice;
}

export interface NoticeDeskOptions {
  readonly writes: PendingWrites;
  readonly outbox: Pick<Outbox, "nextId" | "post">;
  readonly settings: () => NotificationSettings;
}

/** Whether it is quiet at this moment. */
export function isQuiet({ quietHours, timeZone }: NotificationSettings, now: number): boolean {
  const { isEnabled, fromMinute, toMinute } = quietHours;
  if (!isEnabled || fromMinute === toMinute) return false;
  const { minute } = wallTime(now, timeZone);
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

/** What two pieces of news about the same rule and node come to; undefined: nothing to tell. */
function merge(earlier: Notice, later: Notice): Notice | undefined {
  const [before, after]: readonly [NoticeKind, NoticeKind] = [earlier.kind, later.kind];
  if (after === "cleared" && (before === "raised" || before === "passed")) {
    return { ...later, kind: "passed", since: earlier.since, value: earlier.value };
  }
  // It was told that it is raised, and it is raised again.
  if (before === "cleared" && after === "raised") return undefined;
  return later;
}

/** Makes messages of notices: grouped, not too often, and not in quiet hours. */
export class NoticeDesk implements NoticeSink {
  readonly #options: NoticeDeskOptions;
  /** By rule and node. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #sentAt = new Map<string, number>();

  constructor(options: NoticeDeskOptions) {
    this.#options = options;
  }

  /** What was not told before a restart. Rejects with `StorageError`. */
  async load(tables: Tables): Promise<void> {
    const sql = "SELECT id, message FROM notify_outbox WHERE channel = ? ORDER BY id";
    for (const row of await tables.read({ sql, values: [NO_CHANNEL] })) {
      const notice = parseTree(row["message"], NO_NOTICE);
      this.#waiting.set(keyOf(notice), { id: Number(row["id"]), notice });
    }
  }

  /** Waiting to be told. */
  get size(): number {
    return this.#waiting.size;
  }

  post(notice: Notice): void {
    const key = keyOf(notice);
    const before = this.#waiting.get(key);
    const told = before === undefined ? notice : merge(before.notice, notice);
    if (before !== undefined) this.#drop(key, before);
    if (told === undefined || this.#waiting.size >= MOST_NOTICES) return;
    const id = this.#options.outbox.nextId();
    this.#waiting.set(key, { id, notice: told });
    this.#options.writes.add({
      sql: "INSERT INTO notify_outbox (id, channel, created_at, message) VALUES (?, ?, ?, ?)",
      values: [id, NO_CHANNEL, told.at, JSON.stringify(told)],
    });
  }

  /** Hands over what is due. */
  tick(now: number): void {
    if (this.#waiting.size === 0) return;
    const settings = this.#options.settings();
    const quiet = isQuiet(settings, now);
    for (const [key, group] of this.#groups()) {
      const [first] = group;
      if (first === undefined || !this.#isDue(key, group, now)) continue;
      const { severity } = first.notice;
      if (quiet && !(severity === "critical" && settings.quietHours.exceptCritical)) continue;
      this.#send(group, settings);
      this.#sentAt.set(key, now);
    }
    for (const [key, at] of this.#sentAt) if (now - at > GAP_MS) this.#sentAt.delete(key);
  }

  #isDue(key: string, group: readonly Waiting[], now: number): boolean {
    const sentAt = this.#sentAt.get(key);
    if (sentAt !== undefined && now - sentAt < GAP_MS && now >= sentAt) return false;
    const earliest = group.reduce((at, { notice }) => Math.min(at, notice.at), now);
    return now - earliest >= GROUP_MS;
  }

  #groups(): Map<string, Waiting[]> {
    const groups = new Map<string, Waiting[]>();
    for (const waiting of this.#waiting.values()) {
      const { rule, kind, isRaised } = waiting.notice;
      const key = `${rule} ${kind} ${kind === "settled" ? isRaised : ""}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [waiting]);
      else group.push(waiting);
    }
    return groups;
  }

  #send(group: readonly Waiting[], settings: NotificationSettings): void {
    const [first] = group;
    if (first === undefined) return;
    const notices = group.map(({ notice }) => notice);
    const message: Message = composeMessage(first.notice, notices, settings);
    this.#options.outbox.post(message, first.notice.channels);
    for (const waiting of group) this.#drop(keyOf(waiting.notice), waiting);
  }

  #drop(key: string, { id }: Waiting): void {
    this.#waiting.delete(key);
    this.#options.writes.add({ sql: "DELETE FROM notify_outbox WHERE id = ?", values: [id] });
  }
}

const keyOf = ({ rule, node }: Notice): string => `${rule} ${node}`;
