/**
 * Values from environment variables and from flags. Every key has a twin `FARHAND__SECTION__KEY`: upper case, words
 * split by `_`, levels by `__`. Lists are separated by commas or written as JSON, mappings as JSON; a secret may be
 * given as a file name in `..._FILE`.
 */
import { checkValue } from "./check.ts";
import { isTree, schemaAt, walkSchema } from "./json-schema.ts";
import type { JsonSchema, Path, Tree } from "./json-schema.ts";
import { nearestWord } from "./nearest.ts";
import type { ConfigInput, ConfigProblem } from "./problems.ts";
import { ConfigSchema } from "./schema.ts";

const PREFIX = "FARHAND__";

/** Names the configuration file; the only variable that is no key. */
export const CONFIG_VARIABLE = "FARHAND__CONFIG";

const WORD_BORDER = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** The variable that sets the value at `path`. */
export function variableOf(path: Path): string {
  const words = path.map((key) => key.split(WORD_BORDER).join("_").toUpperCase());
  return PREFIX + words.join("__");
}

interface Target {
  readonly path: Path;
  readonly schema: JsonSchema;
  readonly isFileName: boolean;
}

function targetsByVariable(): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const { path, schema } of walkSchema(ConfigSchema, { sections: true })) {
    targets.set(variableOf(path), { path, schema, isFileName: false });
    if (schema.writeOnly === true) {
      targets.set(`${variableOf(path)}_FILE`, { path, schema, isFileName: true });
    }
  }
  return targets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseBoolean(text: string): unknown {
  switch (text.trim().toLowerCase()) {
    case "true":
    case "yes":
    case "1":
      return true;
    case "false":
    case "no":
    case "0":
      return false;
    default:
      return text;
  }
}

function parseNumber(text: string): unknown {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text;
}

function parseList(schema: JsonSchema, text: string): unknown {
  const isOfMappings = schema.items?.anyOf?.some(({ type }) => type === "object") === true;
  if (isOfMappings || text.trimStart().startsWith("[")) return parseJson(text);
  const items = text.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "").map((item) => parseText(schema.items ?? {}, item));
}

function parseChoice(choices: readonly JsonSchema[], text: string): unknown {
  const values = choices.map((choice) => ({ choice, value: parseText(choice, text) }));
  const fitting = values.find(({ choice, value }) => checkValue(choice, value).length === 0);
  if (fitting !== undefined) return fitting.value;
  // JSON that fits none of the choices is shown as what it is, so that the message points inside.
  return values.find(({ value }) => isTree(value))?.value ?? text;
}

/** The value that a text means where `schema` stands; the text itself when it means none, for the check to refuse. */
export function parseText(schema: JsonSchema, text: string): unknown {
  if (schema.anyOf !== undefined) return parseChoice(schema.anyOf, text);
  switch (schema.type) {
    case "boolean":
      return parseBoolean(text);
    case "integer":
    case "number":
      return parseNumber(text);
    case "array":
      return parseList(schema, text);
    case "object":
      return parseJson(text);
    default:
      return text;
  }
}

function nest(path: Path, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key): Tree => ({ [key]: inner }), value);
}

export interface TextInputs {
  /** The most general first: a variable for one key beats the one for its section. */
  readonly inputs: readonly ConfigInput[];
  readonly problems: readonly ConfigProblem[];
}

/** What the environment contributes. Unknown variables with our prefix are problems: they are misspelled ones. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): TextInputs {
  const names = Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && name !== CONFIG_VARIABLE,
  );
  if (names.length === 0) return { inputs: [], problems: [] };
  const targets = targetsByVariable();
  const found: { input: ConfigInput; depth: number }[] = [];
  const problems: ConfigProblem[] = [];
  for (const name of names) {
    const target = targets.get(name);
    const text = env[name] ?? "";
    if (target === undefined) {
      const nearest = nearestWord(name.slice(PREFIX.length), variableTails(targets));
      problems.push(unknownVariable(name, nearest));
    } else {
      const value = target.isFileName ? { file: text } : parseText(target.schema, text);
      const input = {
        origin: "environment",
        source: name,
        value: nest(target.path, value),
      } as const;
      found.push({ input, depth: target.path.length });
    }
  }
  found.sort((left, right) => left.depth - right.depth);
  return { inputs: found.map(({ input }) => input), problems };
}

function* variableTails(targets: ReadonlyMap<string, Target>): Generator<string> {
  for (const name of targets.keys()) yield name.slice(PREFIX.length);
}

function unknownVariable(name: string, nearest: string | undefined): ConfigProblem {
  return {
    path: name,
    value: undefined,
    rule: "is not a known variable",
    nearest: nearest === undefined ? undefined : PREFIX + nearest,
    origin: "environment",
    source: "environment",
    line: undefined,
  };
}

/** What the command line contributes: dotted paths with their texts, `http.port` -> `8080`. */
export function readFlags(flags: Readonly<Record<string, string>>): TextInputs {
  const inputs = Object.entries(flags).map(([name, text]): ConfigInput => {
    const path = name.split(".");
    const schema = schemaAt(ConfigSchema, path);
    const value = schema === undefined ? text : parseText(schema, text);
    return { origin: "flag", source: `--${name}`, value: nest(path, value) };
  });
  return { inputs, problems: [] };
}
