import { oneOf, storedJson, storedSignal } from "../../../lib/stored.ts";
import { isObject, isTrue, textOf } from "../../../lib/json.ts";
import { SORT_KEYS } from "./arrange.ts";
import type { Arrangement } from "./arrange.ts";

const PRESENCES = ["any", "online", "offline", "never", "alerts"] as const;

const FIRST: Arrangement = {
  search: "",
  group: "",
  tag: "",
  presence: "any",
  sortBy: "order",
  isDescending: false,
};

function parse(value: unknown): Arrangement | undefined {
  if (!isObject(value)) return undefined;
  return {
    ...FIRST,
    sortBy: SORT_KEYS.find((key) => key === value["sortBy"]) ?? FIRST.sortBy,
    isDescending: isTrue(value["isDescending"]),
    group: textOf(value["group"]),
    tag: textOf(value["tag"]),
    presence: PRESENCES.find((key) => key === value["presence"]) ?? FIRST.presence,
  };
}

/** What the visitor looks at, kept for the next visit. */
export const arrangement = storedJson<Arrangement>("fleet.list", FIRST, parse);

export const LAYOUTS = ["grid", "table"] as const;
export const layout = storedSignal("fleet.layout", "grid", oneOf(LAYOUTS));

export const PRESENCE_CHOICES = PRESENCES;

export function change(part: Partial<Arrangement>): void {
  arrangement.value = { ...arrangement.value, ...part };
}

export function isFiltered({ search, group, tag, presence }: Arrangement): boolean {
  return search !== "" || group !== "" || tag !== "" || presence !== "any";
}

export function clearFilters(): void {
  change({ search: "", group: "", tag: "", presence: "any" });
}
