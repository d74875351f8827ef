import type { SettingSchema } from "../../../../protocol/native/settings.ts";
import { isObject, shownOf } from "../../../lib/json.ts";

/** What a value is edited with. `free`: nothing is known about it. */
export type FormKind =
  | "choice"
  | "flag"
  | "free"
  | "list"
  | "number"
  | "object"
  | "secret"
  | "text"
  | "word";

export function formKind(schema: SettingSchema): FormKind {
  if (schema.writeOnly === true) return "secret";
  if (schema.anyOf !== undefined) return "choice";
  if (schema.enum !== undefined) return "word";
  switch (schema.type) {
    case "boolean":
      return "flag";
    case "integer":
    case "number":
      return "number";
    case "string":
      return "text";
    case "array":
      return schema.items === undefined ? "free" : "list";
    default:
      return schema.properties === undefined ? "free" : "object";
  }
}

/** The ways out of a choice; what is only yes or no stands as two of them. */
export function waysOf({ anyOf = [] }: SettingSchema): readonly SettingSchema[] {
  return anyOf.flatMap((way) =>
    way.type === "boolean" && way.const === undefined ? [{ const: true }, { const: false }] : [way],
  );
}

/** The member that says which one of several objects it is, with its value. */
export function markOf(schema: SettingSchema): readonly [string, unknown] | undefined {
  for (const [key, { const: mark }] of Object.entries(schema.properties ?? {})) {
    if (mark !== undefined) return [key, mark];
  }
  return undefined;
}

/** A word for one way of a choice: its fixed value, what it consists of, or what kind of value it is. */
export function wayTitle(way: SettingSchema): string {
  const mark = way.const === undefined ? markOf(way)?.[1] : way.const;
  if (mark !== undefined) return shownOf(mark ?? "null");
  return way.properties === undefined ? (way.type ?? "") : Object.keys(way.properties).join(", ");
}

function isOfType(type: string | undefined, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return typeof value === "number";
  return type === undefined || typeof value === type;
}

function isMeant(way: SettingSchema, value: unknown): boolean {
  if (way.const !== undefined) return way.const === value;
  const mark = markOf(way);
  if (mark !== undefined) return isObject(value) && value[mark[0]] === mark[1];
  return isOfType(way.type, value);
}

/** Which way a value takes; the last one for a value that fits none, as while it is typed. */
export function wayOf(ways: readonly SettingSchema[], value: unknown): number {
  const at = ways.findIndex((way) => isMeant(way, value));
  return at === -1 ? ways.length - 1 : at;
}

/** What is there before anything was typed: as little as the file needs. */
export function blankOf(schema: SettingSchema): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return blankOf(first);
  switch (schema.type) {
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "array":
      return [];
    case "object":
      return blankObject(schema);
    default:
      return "";
  }
}

function blankObject({ properties = {}, required = [] }: SettingSchema): unknown {
  const needed = Object.entries(properties).filter(
    ([key, child]) => required.includes(key) && child.default === undefined,
  );
  return Object.fromEntries(needed.map(([key, child]) => [key, blankOf(child)]));
}
