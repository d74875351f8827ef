import { ValidationError } from "../../core/errors.ts";
import type { ChannelBody, ChannelKind, ChannelSettings } from "../../protocol/fleet/channels.ts";
import type { Tables } from "../series/series.ts";
import { parseTree } from "../stored-json.ts";
import { secretsOf } from "./channels/deliver.ts";
import { ChannelNotFoundError } from "./notify.ts";

export interface Channel extends ChannelBody {
  readonly id: number;
}

const MOST_CHANNELS = 64;

const DEFAULTS: ChannelBody = {
  name: "",
  isEnabled: false,
  leastSeverity: "info",
  settings: { kind: "serverchan" },
};

/** Secrets without which a channel of this kind cannot work. */
const NEEDED: Readonly<Record<ChannelKind, string | undefined>> = {
  webhook: "url",
  email: undefined,
  telegram: "token",
  bark: "key",
  serverchan: "key",
  ntfy: undefined,
};

/** The server that gets to know a channel's secrets. */
function destinationOf(settings: ChannelSettings): string {
  switch (settings.kind) {
    case "email":
      return `${settings.host}:${settings.port} ${settings.security} ${settings.user}`;
    case "telegram":
    case "bark":
    case "ntfy":
      return settings.server;
    case "webhook":
    case "serverchan":
      return "";
  }
}

/** The settings with the secrets of before where none are given. */
function withSecrets(
  settings: ChannelSettings,
  before: ChannelSettings | undefined,
): ChannelSettings {
  const given = secretsOf(settings);
  const isSame =
    before?.kind === settings.kind && destinationOf(before) === destinationOf(settings);
  const kept = before === undefined ? new Map<string, string>() : secretsOf(before);
  const isLost =
    !isSame && before?.kind === settings.kind && [...kept.keys()].some((name) => !given.has(name));
  if (isLost) throw new ValidationError("The server is another one: give its secrets again");
  // Headers of a webhook were meant for the address that they were given with.
  if (settings.kind === "webhook" && given.has("url")) kept.delete("headers");
  return isSame ? Object.assign(settings, Object.fromEntries([...kept, ...given])) : settings;
}

function check(channel: ChannelBody): void {
  const { settings } = channel;
  const needed = NEEDED[settings.kind];
  const secrets = secretsOf(settings);
  if (needed !== undefined && !secrets.has(needed)) {
    throw new ValidationError(`body.settings.${needed} is missing`);
  }
  const address = settings.kind === "webhook" ? (secrets.get("url") ?? "") : serverOf(settings);
  if (address !== "" && !/^https?:\/\/[^/]/i.test(address)) {
    throw new ValidationError("The address of the server has to begin with https:// or http://");
  }
}

function serverOf(settings: ChannelSettings): string {
  return "server" in settings ? settings.server : "";
}

function storedText({ name, isEnabled, leastSeverity, settings }: ChannelBody): string {
  return JSON.stringify({ name, isEnabled, leastSeverity, settings });
}

/** The channels in the hub's tables, with their secrets: the database is its owner's alone. */
export class ChannelBook {
  readonly #tables: Tables;
  readonly #byId = new Map<number, Channel>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Rejects with `StorageError`. */
  async load(): Promise<void> {
    const sql = "SELECT id, settings FROM notify_channel ORDER BY id";
    for (const row of await this.#tables.read({ sql, values: [] })) {
      const id = Number(row["id"]);
      this.#byId.set(id, { ...parseTree(row["settings"], DEFAULTS), id });
    }
  }

  get channels(): readonly Channel[] {
    return [...this.#byId.values()].sort((a, b) => a.id - b.id);
  }

  byId(id: number): Channel | undefined {
    return this.#byId.get(id);
  }

  /** Throws `ChannelNotFoundError`. */
  demand(id: number): Channel {
    const channel = this.#byId.get(id);
    if (channel === undefined) throw new ChannelNotFoundError();
    return channel;
  }

  async add(body: ChannelBody): Promise<Channel> {
    if (this.#byId.size >= MOST_CHANNELS) {
      throw new ValidationError(`There are ${MOST_CHANNELS} channels already`);
    }
    check(body);
    const sql = "INSERT INTO notify_channel (settings) VALUES (?) RETURNING id";
    const rows = await this.#tables.read({ sql, values: [storedText(body)] });
    return this.#put({ ...body, id: Number(rows[0]?.["id"]) });
  }

  async replace(id: number, body: ChannelBody): Promise<Channel> {
    const { settings } = this.demand(id);
    const channel = { ...body, id, settings: withSecrets(body.settings, settings) };
    check(channel);
    const sql = "UPDATE notify_channel SET settings = ? WHERE id = ?";
    await this.#tables.write([{ sql, values: [storedText(channel), id] }]);
    this.demand(id);
    return this.#put(channel);
  }

  async remove(id: number): Promise<void> {
    this.demand(id);
    await this.#tables.write([{ sql: "DELETE FROM notify_channel WHERE id = ?", values: [id] }]);
    this.#byId.delete(id);
  }

  #put(channel: Channel): Channel {
    this.#byId.set(channel.id, channel);
    return channel;
  }
}

/** Throws `ValidationError`. */
export function checkChannel(body: ChannelBody): void {
  check(body);
}
