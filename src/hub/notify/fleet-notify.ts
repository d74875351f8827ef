import type { Clock } from "../../core/clock.ts";
import { describeError, ValidationError } from "../../core/errors.ts";
import type {
  ChannelBody,
  ChannelSettings,
  ChannelTest,
  ChannelView,
  NotificationSettings,
} from "../../protocol/fleet/channels.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import { isTimeZone } from "../zone-time.ts";
import type { Channel, ChannelBook } from "./channel-book.ts";
import { checkChannel } from "./channel-book.ts";
import { secretsOf } from "./channels/deliver.ts";
import { testMessage } from "./messages.ts";
import type { Notify } from "./notify.ts";
import { refusalCode } from "./outbox.ts";
import type { Outbox } from "./outbox.ts";

const SETTINGS_KEY = "settings";

export const DEFAULT_SETTINGS: NotificationSettings = {
  language: "en",
  timeZone: "UTC",
  quietHours: { isEnabled: false, fromMinute: 1380, toMinute: 420, exceptCritical: true },
};

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

/** Where a channel goes, for people; nothing that is secret. */
function targetOf(settings: ChannelSettings): string {
  switch (settings.kind) {
    case "webhook":
      return hostOf(settings.url ?? "");
    case "email":
      return settings.to.join(", ");
    case "telegram":
      return settings.chatId;
    case "bark":
      return settings.server === "" ? "Bark" : hostOf(settings.server);
    case "serverchan":
      return "ServerChan";
    case "ntfy":
      return `${settings.server === "" ? "ntfy.sh" : hostOf(settings.server)}/${settings.topic}`;
  }
}

function withoutSecretMembers(settings: ChannelSettings): ChannelSettings {
  const copy = structuredClone(settings);
  for (const name of secretsOf(settings).keys()) Reflect.deleteProperty(copy, name);
  return copy;
}

export interface FleetNotifyOptions {
  readonly tables: Tables;
  readonly book: ChannelBook;
  readonly outbox: Outbox;
  readonly clock: Clock;
}

export class FleetNotify implements Notify {
  readonly #options: FleetNotifyOptions;
  #settings = DEFAULT_SETTINGS;

  constructor(options: FleetNotifyOptions) {
    this.#options = options;
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT value FROM notify_setting WHERE key = ?";
    const rows = await this.#options.tables.read({ sql, values: [SETTINGS_KEY] });
    const stored = parseTree(rows[0]?.["value"], DEFAULT_SETTINGS);
    // Zones differ between versions of the runtime.
    this.#settings = isTimeZone(stored.timeZone) ? stored : { ...stored, timeZone: "UTC" };
  }

  get settings(): NotificationSettings {
    return this.#settings;
  }

  async changeSettings(settings: NotificationSettings): Promise<NotificationSettings> {
    if (!isTimeZone(settings.timeZone)) {
      throw new ValidationError(`There is no time zone '${settings.timeZone}'`);
    }
    const sql = "INSERT OR REPLACE INTO notify_setting (key, value) VALUES (?, ?)";
    const values = [SETTINGS_KEY, JSON.stringify(settings)];
    await this.#options.tables.write([{ sql, values }]);
    this.#settings = settings;
    return settings;
  }

  channels(): readonly ChannelView[] {
    return this.#options.book.channels.map((channel) => this.#view(channel));
  }

  async add(channel: ChannelBody): Promise<ChannelView> {
    return this.#view(await this.#options.book.add(channel));
  }

  async replace(id: number, body: ChannelBody): Promise<ChannelView> {
    const channel = await this.#options.book.replace(id, body);
    this.#options.outbox.retry(id);
    return this.#view(channel);
  }

  async remove(id: number): Promise<void> {
    await this.#options.book.remove(id);
    this.#options.outbox.forget(id);
  }

  async test(id: number): Promise<ChannelTest> {
    const { settings } = this.#options.book.demand(id);
    return this.#try(settings);
  }

  async tryOut(channel: ChannelBody): Promise<ChannelTest> {
    checkChannel(channel);
    return this.#try(channel.settings);
  }

  async #try(settings: ChannelSettings): Promise<ChannelTest> {
    const { outbox, clock } = this.#options;
    try {
      const answer = await outbox.sendNow(settings, testMessage(clock.now(), this.#settings));
      return { isDelivered: true, answer, code: "" };
    } catch (error) {
      return { isDelivered: false, answer: describeError(error), code: refusalCode(error) };
    }
  }

  #view({ id, name, isEnabled, leastSeverity, settings }: Channel): ChannelView {
    return {
      id,
      name,
      isEnabled,
      leastSeverity,
      settings: withoutSecretMembers(settings),
      secrets: [...secretsOf(settings).keys()],
      target: targetOf(settings),
      state: this.#options.outbox.stateOf(id),
    };
  }
}
