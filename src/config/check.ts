/**
 * Checks values against the configuration's description and says in words what is wrong. A walk of its own, because
 * it costs a tenth of loading a general validator at start, names the right member of a choice, and knows secrets.
 */
import { isTree } from "./json-schema.ts";
import type { JsonSchema, Path, Tree } from "./json-schema.ts";
import { HIDDEN_VALUE } from "./redact.ts";

/** One rule that one value breaks. */
export interface Finding {
  readonly path: Path;
  readonly value: unknown;
  /** "must be ...", "is not a known key", ... */
  readonly rule: string;
  /** Keys that would be known where an unknown one stands. */
  readonly known?: readonly string[];
}

function describeNumber(schema: JsonSchema): string {
  const noun = schema.type === "integer" ? "a whole number" : "a number";
  const { minimum, exclusiveMinimum, maximum } = schema;
  if (exclusiveMinimum !== undefined) return `${noun} above ${exclusiveMinimum}`;
  if (minimum !== undefined && maximum !== undefined)
    return `${noun} from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${noun}, at least ${minimum}`;
  return maximum === undefined ? noun : `${noun}, at most ${maximum}`;
}

function describeText(schema: JsonSchema): string {
  const { pattern, minLength = 0, maxLength } = schema;
  const limit = maxLength === undefined ? "" : ` of at most ${maxLength} characters`;
  if (pattern !== undefined) return `a text${limit} of the form ${pattern}`;
  return minLength > 0 ? `a text${limit} that is not empty` : `a text${limit}`;
}

function describeByType(schema: JsonSchema): string {
  switch (schema.type) {
    case "integer":
    case "number":
      return describeNumber(schema);
    case "string":
      return describeText(schema);
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "array":
      return (schema.minItems ?? 0) > 0 ? "a list that is not empty" : "a list";
    case "object":
      return schema.required === undefined
        ? "a mapping"
        : `a mapping with ${schema.required.join(", ")}`;
    default:
      return "anything";
  }
}

/** What a value must be, for people. */
export function describeSchema(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeSchema).join(" or ");
  return describeByType(schema);
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "object":
      return isTree(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function fitsText(schema: JsonSchema, value: string): boolean {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (value.length < minLength || value.length > maxLength) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value);
}

function fitsNumber(schema: JsonSchema, value: number): boolean {
  const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = schema;
  return value >= minimum && value > exclusiveMinimum && value <= maximum;
}

function fitsItself(schema: JsonSchema, value: unknown): boolean {
  if (schema.const !== undefined && value !== schema.const) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.type !== undefined && !isOfType(schema.type, value)) return false;
  if (typeof value === "string") return fitsText(schema, value);
  if (typeof value === "number") return fitsNumber(schema, value);
  return !Array.isArray(value) || value.length >= (schema.minItems ?? 0);
}

function checkItems(schema: JsonSchema, value: readonly unknown[], path: Path): Finding[] {
  const { items } = schema;
  const findings =
    items === undefined
      ? []
      : value.flatMap((item, index) => checkValue(items, item, [...path, String(index)]));
  if (schema.uniqueItems === true && new Set(value).size < value.length) {
    findings.push({ path, value, rule: "must not name anything twice" });
  }
  return findings;
}

function checkKey(schema: JsonSchema, key: string, value: unknown, path: Path): Finding[] {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) {
    const child = schema.properties[key];
    return child === undefined ? [] : checkValue(child, value, path);
  }
  const patterns = Object.entries(schema.patternProperties ?? {});
  const match = patterns.find(([pattern]) => new RegExp(pattern, "u").test(key));
  if (match !== undefined) return checkValue(match[1], value, path);
  const [first] = patterns;
  if (first !== undefined)
    return [{ path, value: key, rule: `must be a name of the form ${first[0]}` }];
  if (schema.additionalProperties !== false) return [];
  const known = Object.keys(schema.properties ?? {});
  return [{ path, value, rule: "is not a known key", known }];
}

function checkTree(schema: JsonSchema, value: Tree, path: Path): Finding[] {
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  return [
    ...missing.map((key) => ({ path: [...path, key], value: undefined, rule: "is required" })),
    ...Object.entries(value).flatMap(([key, item]) => checkKey(schema, key, item, [...path, key])),
  ];
}

/**
 * Index of the choice that a mapping is meant as: the only mapping among them, or the one whose fixed words
 * (`protocol: komari`) are those of the value; -1 when none is.
 */
export function meantChoice(choices: readonly JsonSchema[], value: Tree): number {
  const mappings = choices.filter((choice) => choice.type === "object");
  const [only, ...others] = mappings;
  const meant =
    others.length === 0
      ? only
      : mappings.find((choice) =>
          Object.entries(choice.properties ?? {}).some(
            ([key, child]) => child.const !== undefined && child.const === value[key],
          ),
        );
  return meant === undefined ? -1 : choices.indexOf(meant);
}

/** A text where a mapping or a list is expected could be broken JSON with a secret inside. */
function hidesBrokenJson(schema: JsonSchema, value: unknown): boolean {
  if (typeof value !== "string") return false;
  const schemas = [schema, ...(schema.anyOf ?? [])];
  return schemas.some(({ type, items }) => type === "object" || items?.anyOf !== undefined);
}

function checkChoice(schema: JsonSchema, value: unknown, path: Path): Finding[] {
  const choices = schema.anyOf ?? [];
  const results = choices.map((choice) => checkValue(choice, value, path));
  if (results.some((findings) => findings.length === 0)) return [];
  // A mapping was surely meant as the choice that is such a mapping: say what is wrong inside it.
  const mapping = isTree(value) ? meantChoice(choices, value) : -1;
  const shown = hidesBrokenJson(schema, value) ? undefined : value;
  return results[mapping] ?? [{ path, value: shown, rule: `must be ${describeSchema(schema)}` }];
}

function hideValues(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, value: HIDDEN_VALUE }));
}

/** Every rule that the value breaks; empty when it is right. */
export function checkValue(schema: JsonSchema, value: unknown, path: Path = []): Finding[] {
  if (schema.writeOnly === true) {
    return hideValues(checkValue({ ...schema, writeOnly: false }, value, path));
  }
  if (schema.anyOf !== undefined) return checkChoice(schema, value, path);
  if (schema.allOf !== undefined) {
    return schema.allOf.flatMap((part) => checkValue(part, value, path));
  }
  if (!fitsItself(schema, value)) {
    const shown = hidesBrokenJson(schema, value) ? undefined : value;
    return [{ path, value: shown, rule: `must be ${describeSchema(schema)}` }];
  }
  if (Array.isArray(value)) return checkItems(schema, value, path);
  return isTree(value) ? checkTree(schema, value, path) : [];
}
