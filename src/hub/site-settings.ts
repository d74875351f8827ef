import { ValidationError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { SqlStatement, Tables } from "./series/series.ts";
import { parseTree } from "./stored-json.ts";

/** What the public page is called and shows; the settings of a Komari server that its front ends read (Komari 2.5). */
export interface SiteValues {
  readonly siteName: string;
  readonly description: string;
  /** HTML that is put before the end of a theme's head and body. Whoever may write it controls every visitor's page. */
  readonly customHead: string;
  readonly customBody: string;
  /** Guests see nothing but the page that asks them to sign in. */
  readonly isPrivate: boolean;
  /** Guests see the first part of the nodes' addresses. */
  readonly showsMaskedAddresses: boolean;
  /** How the web terminal looks: JSON that only the front end understands. */
  readonly terminalLook: string;
}

export const DEFAULT_SITE: SiteValues = {
  siteName: "Farhand",
  description: "A simple server monitor tool.",
  customHead: "",
  customBody: "",
  isPrivate: false,
  showsMaskedAddresses: false,
  terminalLook: "{}",
};

const MAX_LINE = 256;
const MAX_TEXT = 64 * 1024;
const LINES: ReadonlySet<string> = new Set(["siteName", "description"]);
const THEME_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The settings of the public page: in memory, every change in the file before its promise resolves. */
export interface SiteSettings {
  readonly values: SiteValues;
  /** Rejects with `ValidationError` that names the field, or `StorageError`. */
  change(changes: Partial<SiteValues>): Promise<SiteValues>;
  /** What was saved for a theme: JSON of an object; `{}` before. */
  themeSettings(theme: string): string;
  /** Rejects with `ValidationError` or `StorageError`. */
  setThemeSettings(theme: string, json: string): Promise<void>;
}

const PAGE_KEY = "page";
const themeKey = (theme: string): string => `theme:${theme}`;

function checkText(name: string, value: unknown): void {
  if (typeof value !== "string") return;
  const most = LINES.has(name) ? MAX_LINE : MAX_TEXT;
  if (value.length > most) throw new ValidationError(`${name} is longer than ${most} characters`);
}

function putStatement(key: string, value: string): SqlStatement {
  return {
    sql: "INSERT OR REPLACE INTO site_setting (key, value) VALUES (?, ?)",
    values: [key, value],
  };
}

class StoredSite implements SiteSettings {
  readonly #tables: Tables;
  readonly #themes: Map<string, string>;
  #values: SiteValues;
  readonly #inTurn = createLane();

  constructor(tables: Tables, values: SiteValues, themes: Map<string, string>) {
    this.#tables = tables;
    this.#values = values;
    this.#themes = themes;
  }

  get values(): SiteValues {
    return this.#values;
  }

  change(changes: Partial<SiteValues>): Promise<SiteValues> {
    // One after the other: two changes at once must not undo each other.
    return this.#inTurn(async () => {
      const values = { ...this.#values, ...changes };
      for (const [name, value] of Object.entries(values)) checkText(name, value);
      await this.#tables.write([putStatement(PAGE_KEY, JSON.stringify(values))]);
      this.#values = values;
      return values;
    });
  }

  themeSettings(theme: string): string {
    return this.#themes.get(theme) ?? "{}";
  }

  async setThemeSettings(theme: string, json: string): Promise<void> {
    if (!THEME_NAME.test(theme)) throw new ValidationError("There is no theme of that name");
    checkText("The theme's settings", json);
    await this.#tables.write([putStatement(themeKey(theme), json)]);
    this.#themes.set(theme, json);
  }
}

/** Reads what is stored. Rejects with `StorageError`. */
export async function openSiteSettings(tables: Tables): Promise<SiteSettings> {
  const rows = await tables.read({ sql: "SELECT key, value FROM site_setting", values: [] });
  const stored = new Map(rows.map((row) => [String(row["key"]), String(row["value"])]));
  const values = parseTree(stored.get(PAGE_KEY), DEFAULT_SITE);
  const prefix = themeKey("");
  const themes = new Map(
    [...stored].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    ),
  );
  return new StoredSite(tables, values, themes);
}
