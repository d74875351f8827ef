import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { ReceivedReport } from "../../../hub/report.ts";

// Figures of a node as clients of both generations want them; the two write them under different names.

export interface HostFigures {
  readonly platform: string;
  readonly platformVersion: string;
  /** `<model> <count> <Physical|Virtual> Core`, one entry a model. */
  readonly cpu: readonly string[];
  readonly memTotal: number;
  readonly diskTotal: number;
  readonly swapTotal: number;
  readonly arch: string;
  readonly virtualization: string;
  readonly bootTime: number;
  /** Two lower-case letters; empty when unknown. */
  readonly countryCode: string;
  readonly version: string;
  readonly gpu: readonly string[];
}

const CORES = / \d+ (?:Physical|Virtual) Core$/;
const FLAG_BASE = 0x1f1e6;
const LETTER_BASE = 97;

/** The two letters behind the emoji of a flag; empty for any other text. */
export function countryOfFlag(text: string): string {
  const letters = Array.from(text, (char) => (char.codePointAt(0) ?? 0) - FLAG_BASE);
  if (letters.length !== 2 || letters.some((letter) => letter < 0 || letter > 25)) return "";
  return String.fromCodePoint(...letters.map((letter) => letter + LETTER_BASE));
}

/** Agents of this dialect call cores virtual also where they cannot tell what the guest runs on. */
function kindOf({ virtualization, platform, physicalCores }: NodeRecord["facts"]): string {
  const isGuest = virtualization !== "" && virtualization !== "none";
  return isGuest || (platform !== "" && physicalCores === 0) ? "Virtual" : "Physical";
}

/** What an agent has written is what its clients read. */
function cpuTexts(facts: NodeRecord["facts"]): string[] {
  const { cpuModels, logicalCores } = facts;
  const each = Math.max(1, Math.round(logicalCores / Math.max(1, cpuModels.length)));
  const suffix = ` ${each} ${kindOf(facts)} Core`;
  return cpuModels.map((model) => (CORES.test(model) ? model : model + suffix));
}

/** Agents of other dialects tell one text, as `Debian GNU/Linux 12 (bookworm)`. */
function platformOf({ platform, platformVersion, osName }: NodeRecord["facts"]) {
  if (platform !== "") return { platform, platformVersion };
  return {
    platform: /^[A-Za-z]+/.exec(osName)?.[0].toLowerCase() ?? "",
    platformVersion: /\d[\w.-]*/.exec(osName)?.[0] ?? "",
  };
}

export function hostFigures(node: NodeRecord, latest: ReceivedReport | undefined): HostFigures {
  const { facts, region } = node;
  return {
    ...platformOf(facts),
    cpu: cpuTexts(facts),
    memTotal: facts.memoryTotalBytes || (latest?.memoryTotalBytes ?? 0),
    diskTotal: facts.diskTotalBytes || (latest?.diskTotalBytes ?? 0),
    swapTotal: facts.swapTotalBytes || (latest?.swapTotalBytes ?? 0),
    arch: facts.arch,
    virtualization: facts.virtualization === "none" ? "" : facts.virtualization,
    bootTime: facts.bootTimeSeconds,
    countryCode: facts.countryCode || countryOfFlag(region),
    version: facts.agentVersion,
    gpu: facts.gpuModels,
  };
}

/** Larger first in these dialects, smaller first elsewhere: the order is the same everywhere. */
export function displayIndex({ weight }: NodeRecord): number {
  return weight === 0 ? 0 : -weight;
}

export function inDisplayOrder(nodes: readonly NodeRecord[]): readonly NodeRecord[] {
  return nodes.toSorted((a, b) => a.weight - b.weight || a.id - b.id);
}

/** Who asks: guests see no hidden node, on no path. */
export type Audience = "guest" | "member";

/** The one place that decides which nodes are seen. */
export function visibleNodes(hub: Hub, audience: Audience): readonly NodeRecord[] {
  const { nodes } = hub.registry;
  return audience === "member" ? nodes : nodes.filter((node) => !node.isHidden);
}

/** Undefined for one that is not there and for one that may not be seen, alike. */
export function visibleNode(hub: Hub, audience: Audience, id: number): NodeRecord | undefined {
  const node = hub.registry.byId(id);
  return node === undefined || (node.isHidden && audience === "guest") ? undefined : node;
}

/** A whole number as Go reads one; undefined for everything else. */
export function parseId(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
