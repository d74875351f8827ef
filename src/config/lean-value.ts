/** Values as short as the file permits: what is as it would be anyway need not be said. */
import { isEqual } from "../core/store.ts";
import { meantChoice } from "./check.ts";
import { isTree } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const UNKNOWN: JsonSchema = {};

/** Of several choices the one that a mapping is meant as. */
function formOf(schema: JsonSchema, value: unknown): JsonSchema {
  const { anyOf } = schema;
  if (anyOf === undefined || schema.writeOnly === true || !isTree(value)) return schema;
  return anyOf[meantChoice(anyOf, value)] ?? UNKNOWN;
}

/** The description of a member of `value`; knows nothing where nothing is known. */
export function memberSchema(schema: JsonSchema, value: unknown, key: string): JsonSchema {
  const { properties = {}, patternProperties = {} } = formOf(schema, value);
  if (Object.hasOwn(properties, key)) return properties[key] ?? UNKNOWN;
  return Object.values(patternProperties)[0] ?? UNKNOWN;
}

export const itemSchema = ({ items }: JsonSchema): JsonSchema => items ?? UNKNOWN;

export function isDefault(schema: JsonSchema, value: unknown): boolean {
  return schema.default !== undefined && isEqual(schema.default, value);
}

/** The value without the members that say what their defaults say. */
export function leanValue(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => leanValue(itemSchema(schema), item));
  if (!isTree(value)) return value;
  const members = Object.entries(value).map(
    ([key, item]) => [key, item, memberSchema(schema, value, key)] as const,
  );
  return Object.fromEntries(
    members
      .filter(([, item, member]) => !isDefault(member, item))
      .map(([key, item, member]) => [key, leanValue(member, item)]),
  );
}
