import type { SettingSchema } from "../../../../protocol/native/settings.ts";
import { settingsText } from "../../../i18n/settings-text.ts";
import { isObject } from "../../../lib/json.ts";
import { formKind, wayOf, waysOf } from "./schema.ts";

/** What is wrong, by the place of the field: keys and numbers joined by slashes, as `0/url`. */
export type Problems = ReadonlyMap<string, string>;
export const NO_PROBLEMS: Problems = new Map();

/** A place within another one. */
export const within = (place: string, key: string | number): string =>
  place === "" ? String(key) : `${place}/${key}`;

export function numberProblem(schema: SettingSchema, value: unknown): string | undefined {
  const { t } = settingsText;
  const { minimum: min, maximum: max, type } = schema;
  if (typeof value !== "number") return t("form.number");
  if (type === "integer" && !Number.isInteger(value)) return t("form.whole");
  const isOutside = value < (min ?? -Infinity) || value > (max ?? Infinity);
  if (!isOutside) return undefined;
  if (min !== undefined && max !== undefined) return t("form.between", { min, max });
  return min === undefined ? t("form.most", { max: max ?? 0 }) : t("form.least", { min });
}

export function textProblem(schema: SettingSchema, value: unknown): string | undefined {
  const { t } = settingsText;
  const { minLength = 0, pattern } = schema;
  if (typeof value !== "string") return t("form.text");
  if (value === "" && minLength > 0) return t("form.needed");
  if (pattern === undefined || new RegExp(pattern, "u").test(value)) return undefined;
  return value === "" ? t("form.needed") : t("form.pattern", { pattern });
}

type Found = readonly (readonly [string, string])[];

function objectProblems(schema: SettingSchema, value: unknown, place: string): Found {
  const object = isObject(value) ? value : {};
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const item = object[key];
    if (item !== undefined) return findings(child, item, within(place, key));
    const isMissing = (schema.required ?? []).includes(key) && child.default === undefined;
    return isMissing ? [[within(place, key), settingsText.t("form.needed")] as const] : [];
  });
}

function findings(schema: SettingSchema, value: unknown, place: string): Found {
  const one = (problem: string | undefined): Found =>
    problem === undefined ? [] : [[place, problem]];
  switch (formKind(schema)) {
    case "number":
      return one(numberProblem(schema, value));
    case "text":
      return schema.const === undefined ? one(textProblem(schema, value)) : [];
    case "choice": {
      const ways = waysOf(schema);
      const way = ways[wayOf(ways, value)];
      return way === undefined || way.const !== undefined ? [] : findings(way, value, place);
    }
    case "list":
      return (Array.isArray(value) ? value : []).flatMap((item: unknown, index) =>
        findings(schema.items ?? {}, item, within(place, index)),
      );
    case "object":
      return objectProblems(schema, value, place);
    default:
      return [];
  }
}

/** Everything in a value that its description does not permit; the server has the last word. */
export function problemsIn(schema: SettingSchema, value: unknown): Problems {
  return new Map(findings(schema, value, ""));
}
