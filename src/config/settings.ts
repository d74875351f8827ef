/** Settings as a page shows and changes them: a list of values with what is known about each, and edits of the file. */
import { isMap, parseDocument } from "yaml";
import { AppError, ValidationError } from "../core/errors.ts";
import { isEqual } from "../core/store.ts";
import type { Extent, Restartable } from "./extent.ts";
import { explainConfig } from "./explain.ts";
import type { ExplainedValue } from "./explain.ts";
import { withHiddenPlaces, withSecretsOf } from "./hidden.ts";
import { schemaAt, valueAt } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { LoadedConfig } from "./load.ts";
import type { Origin } from "./problems.ts";
import { ConfigSchema } from "./schema.ts";
import { mergedNode } from "./yaml-merge.ts";

export type SettingKind =
  | "flag"
  | "integer"
  | "number"
  | "text"
  | "word"
  | "words"
  | "secret"
  | "json";

/** One value of the configuration. */
export interface Setting {
  /** Keys joined by dots: `http.port`. */
  readonly path: string;
  readonly kind: SettingKind;
  /** The effective value; null for a secret. */
  readonly value: unknown;
  /** Of a secret: whether there is one. */
  readonly isSet: boolean;
  readonly default: unknown;
  readonly origin: Origin;
  /** Set by the environment or the command line, which beat the file. */
  readonly isFixed: boolean;
  readonly description: string;
  /** Of `word` and `words`. */
  readonly words?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of `text`. */
  readonly pattern?: string;
  /** Of `json`: what it is made of. */
  readonly schema?: JsonSchema;
}

export interface SettingsSnapshot {
  /** The file that changes are written to. */
  readonly file: string;
  readonly settings: readonly Setting[];
  /** What begins anew when the file is taken over; empty when it says what runs. */
  readonly restarts: Extent;
}

/** Parts that run with the settings before, because they cannot with the next. */
export interface TakeOverFailure {
  readonly parts: readonly Restartable[];
  /** The code of the error; empty where it has none. */
  readonly code: string;
  /** For people. */
  readonly message: string;
}

export interface TakeOver {
  /** What began anew; everything is about to, as soon as `restart` is called. */
  readonly restarted: Extent;
  /** Why something of it runs with the settings before; null when nothing does. */
  readonly problem: string | null;
  /** The same, part by part; none while the program itself starts or ends. */
  readonly failures: readonly TakeOverFailure[];
}

/** By path; undefined goes back to the default. */
export type SettingChanges = ReadonlyMap<string, unknown>;

/** Somebody else has changed the setting since it was shown. */
export class SettingChangedError extends AppError {
  static readonly code = "SETTING_CHANGED";
  constructor(path: string) {
    const message = `'${path}' was changed elsewhere meanwhile: load the page again to see it. Nothing was saved`;
    super("conflict", SettingChangedError.code, message);
  }
}

/** What `farhand pair` is told. */
export interface PairSettings {
  readonly address: string;
  readonly kind: "komari-token" | "komari-key" | "nezha-secret" | "nezha-token";
  readonly secret: string;
  readonly acceptsAnyCertificate: boolean;
}

/** What the process that runs the app offers to it. */
export interface SettingsKeeper {
  /** As the file says now, whether that runs already or not. Rejects with `ValidationError` for a file that is wrong. */
  read(): Promise<SettingsSnapshot>;
  /**
   * Writes the file, with its comments; nothing when a value is wrong. `seen`: the values that were shown when the changes
   * were made, as `read` gave them. Rejects with `ValidationError`, `SettingChangedError` or `StorageError`.
   */
  change(changes: SettingChanges, seen?: SettingChanges): Promise<SettingsSnapshot>;
  /** This machine on a monitoring server. What was done, for people. Rejects with an error of the kind `invalid` that says why not. */
  pair(request: PairSettings): Promise<string>;
  unpair(address: string): Promise<string>;
  /**
   * Takes the file over. Where parts can begin anew by themselves, they have when it resolves; otherwise the caller has to
   * call `restart`, when its own answer is out. Rejects with `ValidationError` for a file that is wrong.
   */
  takeOver(): Promise<TakeOver>;
  /** Takes the file over: everything that runs ends and begins anew, with everybody who is signed in. */
  restart(): void;
}

function isTexts(values: readonly unknown[] | undefined): values is readonly string[] {
  return values !== undefined && values.every((value) => typeof value === "string");
}

function wordsOf(schema: JsonSchema): readonly string[] | undefined {
  if (isTexts(schema.enum)) return schema.enum;
  const constants = schema.anyOf?.map((part) => part.const);
  return isTexts(constants) ? constants : undefined;
}

function kindOf(schema: JsonSchema): SettingKind {
  if (schema.writeOnly === true) return "secret";
  if (schema.type === "array") return wordsOf(schema.items ?? {}) === undefined ? "json" : "words";
  if (wordsOf(schema) !== undefined) return "word";
  switch (schema.type) {
    case "boolean":
      return "flag";
    case "integer":
    case "number":
    case "string":
      return schema.type === "string" ? "text" : schema.type;
    default:
      return "json";
  }
}

function detailsOf(schema: JsonSchema, kind: SettingKind): Partial<Setting> {
  const words = kind === "words" ? wordsOf(schema.items ?? {}) : wordsOf(schema);
  const { minimum, maximum, pattern } = schema;
  return {
    ...(words === undefined ? {} : { words }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(kind === "json" ? { schema } : {}),
  };
}

/** What is in lists and mappings comes from the configuration itself: their secrets are to be kept apart. */
function shownValue(kind: SettingKind, path: readonly string[], { config }: LoadedConfig): unknown {
  if (kind === "secret") return null;
  const value = valueAt(config, path);
  return kind === "json" ? withHiddenPlaces(value, path) : value;
}

function settingOf(
  { path, value, origin, description }: ExplainedValue,
  loaded: LoadedConfig,
): Setting {
  const keys = path.split(".");
  const schema = schemaAt(ConfigSchema, keys) ?? {};
  const kind = kindOf(schema);
  const isSecret = kind === "secret";
  return {
    path,
    kind,
    value: shownValue(kind, keys, loaded),
    isSet: !isSecret || value !== "",
    default: schema.default ?? null,
    origin,
    isFixed: origin === "environment" || origin === "flag",
    description,
    ...detailsOf(schema, kind),
  };
}

/** Every setting in the order of the description. */
export function listSettings(loaded: LoadedConfig): readonly Setting[] {
  return explainConfig(loaded).map((explained) => settingOf(explained, loaded));
}

/** Throws `SettingChangedError` where a value is another one than was seen. */
export function expectSeen(settings: readonly Setting[], seen: SettingChanges): void {
  const other = settings.find(
    ({ path, value }) => seen.has(path) && !isEqual(seen.get(path), value),
  );
  if (other !== undefined) throw new SettingChangedError(other.path);
}

const LAYOUT = { lineWidth: 0, flowCollectionPadding: false };

/** The text of the file with the changes in it; comments and everything else stay. Throws `ValidationError`. */
export function withSettings(text: string, changes: SettingChanges): string {
  const document = parseDocument(text, { version: "1.2" });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new ValidationError(`The configuration file is not valid YAML: ${error.message}`);
  }
  for (const [name, value] of changes) {
    const path = name.split(".");
    const schema = schemaAt(ConfigSchema, path);
    if (schema === undefined) {
      throw new ValidationError(`There is no setting '${name}'`);
    }
    if (value === undefined) {
      // There may be no section that it could be taken out of.
      if (document.hasIn(path)) document.deleteIn(path);
      continue;
    }
    // What a page was shown in the place of a secret must not become the secret.
    const whole = { value: withSecretsOf(document, value, name), schema };
    // A section that is there but empty is null.
    for (let depth = 1; depth < path.length; depth += 1) {
      const section = path.slice(0, depth);
      if (!isMap(document.getIn(section))) document.setIn(section, document.createNode({}));
    }
    document.setIn(path, mergedNode(document, document.getIn(path, true), whole));
  }
  try {
    return document.toString(LAYOUT);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "unknown";
    const advice =
      "An alias in the file stands for what would be taken out of it; edit the file itself";
    throw new ValidationError(`${advice}: ${problem}`, { cause: error });
  }
}
