/** The part of JSON Schema that the configuration's description uses; TypeBox's schemas are such values. */
export interface JsonSchema {
  /** TypeBox's own mark, which all of its schemas have. */
  readonly "~kind"?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly description?: string;
  /** Marks a secret. */
  readonly writeOnly?: boolean;
}

export type Path = readonly string[];

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Sections are merged key by key between sources; everything else is replaced as a whole. */
export function sectionOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined {
  return schema.type === "object" ? schema.properties : undefined;
}

/** Every value that can be set, with its path, in the order of the description; sections only when asked for. */
export function* walkSchema(
  schema: JsonSchema,
  options: { readonly sections: boolean },
  path: Path = [],
): Generator<{ readonly path: Path; readonly schema: JsonSchema }> {
  const section = sectionOf(schema);
  if (section === undefined || (options.sections && path.length > 0)) yield { path, schema };
  for (const [key, child] of Object.entries(section ?? {})) {
    yield* walkSchema(child, options, [...path, key]);
  }
}

/** The description of the value at `path`, undefined when nothing is known there. */
export function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  let current: JsonSchema | undefined = schema;
  for (const key of path) {
    const section: Readonly<Record<string, JsonSchema>> | undefined =
      current === undefined ? undefined : sectionOf(current);
    current = section !== undefined && Object.hasOwn(section, key) ? section[key] : undefined;
  }
  return current;
}

/** The value at `path`, undefined when there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  let current: unknown = tree;
  for (const key of path) {
    current = isTree(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}
