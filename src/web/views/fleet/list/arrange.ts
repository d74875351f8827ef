import { LIVE } from "../../../../protocol/fleet/live.ts";
import type { FleetNode, LiveField, LiveRow } from "../../../../protocol/fleet/live.ts";
import { presenceOf } from "../fleet-state.ts";
import type { NodeEntry, Presence } from "../fleet-state.ts";

/** Which nodes are shown, and in which order. */
export interface Arrangement {
  /** Words that all have to be in what a node says about itself. */
  readonly search: string;
  /** Empty: every group. */
  readonly group: string;
  /** Empty: every tag. */
  readonly tag: string;
  readonly presence: Presence | "any" | "alerts";
  readonly sortBy: SortKey;
  readonly isDescending: boolean;
}

export const SORT_KEYS = [
  "order",
  "worst",
  "name",
  "cpu",
  "memory",
  "disk",
  "network",
  "temperature",
  "uptime",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export const figure = (row: LiveRow, field: LiveField): number => row[LIVE[field]] ?? 0;

const shareOf = (used: number, total: number): number => (total > 0 ? used / total : 0);

/** Shares from 0 to 1 of what is there. */
export function sharesOf(
  node: FleetNode,
  row: LiveRow,
): { readonly cpu: number; readonly memory: number; readonly disk: number } {
  return {
    cpu: figure(row, "cpuPercent") / 100,
    memory: shareOf(figure(row, "memoryUsedBytes"), node.memoryTotalBytes),
    disk: shareOf(figure(row, "diskUsedBytes"), node.diskTotalBytes),
  };
}

/** Offline first, then alerts, then whatever is closest to its limit. */
function badness(node: FleetNode, row: LiveRow): number {
  const presence = presenceOf(row);
  if (presence === "offline") return 1000;
  const { cpu, memory, disk } = sharesOf(node, row);
  const heat = figure(row, "temperatureCelsius") / 90;
  const isSick = node.kvm?.health === "warning" || node.kvm?.input === "offline";
  const worst = Math.max(cpu * 0.9, memory, disk, heat * 0.9) + (isSick ? 1 : 0);
  return presence === "never" ? -1 : worst + Math.min(figure(row, "alerts"), 99) * 2;
}

const VALUES: Readonly<
  Record<Exclude<SortKey, "order" | "name">, (node: FleetNode, row: LiveRow) => number>
> = {
  worst: badness,
  cpu: (_, row) => figure(row, "cpuPercent"),
  memory: (node, row) => sharesOf(node, row).memory,
  disk: (node, row) => sharesOf(node, row).disk,
  network: (_, row) => figure(row, "receivedBytesPerSecond") + figure(row, "sentBytesPerSecond"),
  temperature: (_, row) => figure(row, "temperatureCelsius"),
  uptime: (_, row) => figure(row, "uptimeSeconds"),
};

function isWanted(entry: NodeEntry, { group, tag, presence, search }: Arrangement): boolean {
  const node = entry.node.peek();
  const row = entry.row.peek();
  if (group !== "" && node.group !== group) return false;
  if (tag !== "" && !node.tags.some((text) => tagName(text) === tag)) return false;
  if (presence === "alerts" && figure(row, "alerts") === 0) return false;
  const isPresence = presence !== "any" && presence !== "alerts";
  if (isPresence && presenceOf(row) !== presence) return false;
  if (search === "") return true;
  const text =
    `${node.name} ${node.group} ${node.region} ${node.country} ${node.os} ${node.tags.join(" ")} ${node.arch} ${node.cpu}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** A tag without the color that may follow it in angle brackets. */
export const tagName = (tag: string): string => tag.replace(/<[^<>]*>$/, "");

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The figures are taken as they are now; call it again to follow them. */
export function arrange(entries: readonly NodeEntry[], how: Arrangement): readonly NodeEntry[] {
  const wanted = entries.filter((entry) => isWanted(entry, how));
  const { sortBy, isDescending } = how;
  const sign = isDescending ? -1 : 1;
  if (sortBy === "order") return isDescending ? wanted.toReversed() : wanted;
  if (sortBy === "name") {
    return wanted.toSorted(
      (a, b) => sign * COLLATOR.compare(a.node.peek().name, b.node.peek().name),
    );
  }
  const valueOf = VALUES[sortBy];
  const keyed = wanted.map((entry) => ({
    entry,
    value: valueOf(entry.node.peek(), entry.row.peek()),
  }));
  return keyed.toSorted((a, b) => sign * (a.value - b.value)).map(({ entry }) => entry);
}

/** Groups or tags that are in use, in alphabetical order. */
export function wordsOf(
  entries: readonly NodeEntry[],
  pick: (node: FleetNode) => readonly string[],
): readonly string[] {
  const words = new Set(entries.flatMap(({ node }) => pick(node.peek())));
  words.delete("");
  return [...words].toSorted((a, b) => COLLATOR.compare(a, b));
}
