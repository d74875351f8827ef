import type { JsonSchema } from "../../src/config/json-schema.ts";

type Described = ReadonlyMap<string, string>;

function childrenOf(schema: JsonSchema, path: string): readonly (readonly [string, JsonSchema])[] {
  const inner = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const { properties = {}, patternProperties = {}, items, anyOf = [], writeOnly } = schema;
  // The members of a mapping that is one of several; a secret's own form is never shown.
  const ways = writeOnly === true ? [] : anyOf.filter(({ type }) => type === "object");
  return [
    ...Object.entries(properties).map(([key, child]) => [inner(key), child] as const),
    ...Object.values(patternProperties).map((child) => [inner("*"), child] as const),
    ...(items === undefined ? [] : [[inner("*"), items] as const]),
    ...ways.map((way) => [path, { ...way, description: "" }] as const),
  ];
}

function collect(schema: JsonSchema, path: string, into: Map<string, string>): Described {
  const { properties, description = "" } = schema;
  if (properties === undefined && description !== "") into.set(path, description);
  for (const [at, child] of childrenOf(schema, path)) collect(child, at, into);
  return into;
}

/** Everything that the form says something about, by its path: settings, and parts of lists and mappings as `*`. */
export function describedSettings(schema: JsonSchema): Described {
  return collect(schema, "", new Map());
}
