/** What an agent says about its machine. Only the listed keys are read: stock servers write every key into the node (Komari 1.4). */
import { cleanLine } from "../../core/clean-line.ts";
import { isTree } from "./commands.ts";
import type { Tree } from "./commands.ts";

export interface BasicFacts {
  readonly osName: string;
  readonly kernelVersion: string;
  readonly arch: string;
  readonly virtualization: string;
  readonly cpuModels: readonly string[];
  readonly logicalCores: number;
  readonly physicalCores: number;
  readonly gpuModels: readonly string[];
  readonly memoryTotalBytes: number;
  readonly swapTotalBytes: number;
  readonly diskTotalBytes: number;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly agentVersion: string;
}

const MAX_TEXT = 256;
const MAX_CORES = 65_536;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:.]{2,45}$/i;

function textAt(tree: Tree, key: string): string | undefined {
  const value = tree[key];
  return typeof value === "string" ? cleanLine(value, MAX_TEXT) : undefined;
}

function wholeAt(tree: Tree, key: string, limit: number): number | undefined {
  const value = tree[key];
  const isFigure = typeof value === "number" && value >= 0 && value <= limit;
  return isFigure ? Math.round(value) : undefined;
}

/** `None` stands for nothing. */
function modelsAt(tree: Tree, key: string): readonly string[] | undefined {
  const text = textAt(tree, key);
  if (text === undefined) return undefined;
  return text === "" || text === "None" ? [] : [text];
}

function addressAt(tree: Tree, key: string, pattern: RegExp): string | undefined {
  const value = tree[key];
  return typeof value === "string" && (value === "" || pattern.test(value)) ? value : undefined;
}

/** The facts that are there and possible; undefined when it is no object. */
export function readBasicInfo(value: unknown): Partial<BasicFacts> | undefined {
  if (!isTree(value)) return undefined;
  const found = {
    osName: textAt(value, "os"),
    kernelVersion: textAt(value, "kernel_version"),
    arch: textAt(value, "arch"),
    virtualization: textAt(value, "virtualization"),
    cpuModels: modelsAt(value, "cpu_name"),
    logicalCores: wholeAt(value, "cpu_cores", MAX_CORES),
    physicalCores: wholeAt(value, "cpu_physical_cores", MAX_CORES),
    gpuModels: modelsAt(value, "gpu_name"),
    memoryTotalBytes: wholeAt(value, "mem_total", Number.MAX_SAFE_INTEGER),
    swapTotalBytes: wholeAt(value, "swap_total", Number.MAX_SAFE_INTEGER),
    diskTotalBytes: wholeAt(value, "disk_total", Number.MAX_SAFE_INTEGER),
    ipv4: addressAt(value, "ipv4", IPV4),
    ipv6: addressAt(value, "ipv6", IPV6),
    agentVersion: textAt(value, "version"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, fact]) => fact !== undefined));
}
