import { checkValue } from "./check.ts";
import { isTree } from "./json-schema.ts";
import type { JsonSchema, Path, Tree } from "./json-schema.ts";

/** Told of every secret that is given as a file name. */
type NoteSecret = (file: string, path: Path) => void;

function completeTree(schema: JsonSchema, value: Tree, path: Path, note: NoteSecret): unknown {
  const complete = new Map(Object.entries(value));
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const item = complete.get(key);
    if (item === undefined) {
      if (child.default !== undefined) complete.set(key, structuredClone(child.default));
    } else {
      complete.set(key, completeValue(child, item, [...path, key], note));
    }
  }
  return Object.fromEntries(complete);
}

/** Fills in the defaults inside lists and choices, and finds the secrets in them. What does not fit stays as it is. */
export function completeValue(
  schema: JsonSchema,
  value: unknown,
  path: Path,
  note: NoteSecret,
): unknown {
  if (schema.writeOnly === true) {
    if (isTree(value) && typeof value["file"] === "string") note(value["file"], path);
    return value;
  }
  if (schema.anyOf !== undefined) {
    const choice = schema.anyOf.find((each) => checkValue(each, value).length === 0);
    return choice === undefined ? value : completeValue(choice, value, path, note);
  }
  const { items } = schema;
  if (Array.isArray(value) && items !== undefined) {
    return value.map((item: unknown, at) =>
      completeValue(items, item, [...path, String(at)], note),
    );
  }
  return schema.properties !== undefined && isTree(value)
    ? completeTree(schema, value, path, note)
    : value;
}
