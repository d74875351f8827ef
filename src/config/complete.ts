import { meantChoice } from "./check.ts";
import { isTree } from "./json-schema.ts";
import type { JsonSchema, Path, Tree } from "./json-schema.ts";

/** Told of every secret that is given as a file name. */
type NoteSecret = (file: string, path: Path) => void;

function completeTree(schema: JsonSchema, value: Tree, note: NoteSecret): Tree {
  const complete = new Map(Object.entries(value));
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const item = complete.get(key);
    if (item !== undefined) {
      const noteBelow: NoteSecret = (file, path) => {
        note(file, [key, ...path]);
      };
      complete.set(key, completeValue(child, item, noteBelow));
    } else if (child.default !== undefined) {
      complete.set(key, structuredClone(child.default));
    }
  }
  return Object.fromEntries(complete);
}

/**
 * Fills in the defaults inside lists and choices, and names the secrets in them with their paths below `value`.
 * What is not understood stays as it is.
 */
export function completeValue(
  schema: JsonSchema,
  value: unknown,
  note: NoteSecret = () => undefined,
): unknown {
  if (schema.writeOnly === true) {
    if (isTree(value) && typeof value["file"] === "string") note(value["file"], []);
    return value;
  }
  if (schema.anyOf !== undefined) {
    const choice = isTree(value) ? schema.anyOf[meantChoice(schema.anyOf, value)] : undefined;
    return choice === undefined ? value : completeValue(choice, value, note);
  }
  const { items } = schema;
  if (Array.isArray(value) && items !== undefined) {
    return value.map((item: unknown, index) =>
      completeValue(items, item, (file, path) => {
        note(file, [String(index), ...path]);
      }),
    );
  }
  return schema.properties !== undefined && isTree(value)
    ? completeTree(schema, value, note)
    : value;
}
