/** What a node tells a Komari server (Komari 1.4, 1.5). Integers must be whole: Go refuses the report otherwise. */
import type { KvmStatus } from "../fleet/live.ts";

export interface KomariUsage {
  readonly total: number;
  readonly used: number;
}

export interface KomariGpu {
  readonly count: number;
  readonly average_usage: number;
  readonly detailed_info: readonly {
    readonly name: string;
    readonly memory_total: number;
    readonly memory_used: number;
    readonly utilization: number;
    readonly temperature: number;
  }[];
}

export interface KomariReport {
  /** Only for reports by HTTP to servers before 1.1.4. */
  readonly uuid?: string;
  readonly cpu: { readonly usage: number };
  readonly ram: KomariUsage;
  readonly swap: KomariUsage;
  readonly load: { readonly load1: number; readonly load5: number; readonly load15: number };
  readonly disk: KomariUsage;
  readonly network: {
    readonly up: number;
    readonly down: number;
    readonly totalUp: number;
    readonly totalDown: number;
  };
  readonly connections: { readonly tcp: number; readonly udp: number };
  readonly uptime: number;
  readonly process: number;
  readonly message: string;
  readonly gpu?: KomariGpu;
  /** Ours: for a hub of this project. Stock servers pass over keys that they do not know. */
  readonly kvm?: KvmStatus;
}

export interface KomariBasicInfo {
  readonly cpu_name: string;
  readonly cpu_cores: number;
  readonly cpu_physical_cores: number;
  readonly arch: string;
  readonly os: string;
  readonly kernel_version: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly mem_total: number;
  readonly swap_total: number;
  readonly disk_total: number;
  readonly gpu_name: string;
  readonly virtualization: string;
  readonly version: string;
}

/** Servers before 1.0.3 and 1.2.1 fail on keys that their table does not have. */
export function withoutNewKeys(info: KomariBasicInfo): Partial<KomariBasicInfo> {
  const { kernel_version: _kernel, cpu_physical_cores: _cores, ...rest } = info;
  return rest;
}

/** Below this the server takes the field for absent. */
const LEAST_CPU = 0.001;
/** One value out of range makes the server refuse the whole report. */
const MOST_LOAD = 1000;

/** A byte or other count: whole, and at most what a double holds exactly. */
export function whole(value: number): number {
  if (!(value > 0)) return 0;
  return Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER);
}

export function cpuUsage(percent: number): number {
  return Math.min(100, Math.max(LEAST_CPU, Number.isFinite(percent) ? percent : 0));
}

export function loadFigure(load: number): number {
  return Math.min(MOST_LOAD, Math.max(0, Number.isFinite(load) ? load : 0));
}

/** `None` without a device; equal ones are counted: `Model × 2`. */
export function gpuNameList(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = Array.from(counts, ([name, count]) => (count > 1 ? `${name} × ${count}` : name));
  return list.length === 0 ? "None" : list.join(", ");
}

const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [/^(?:x86_64|amd64)$/, "amd64"],
  [/^(?:aarch64|arm64)/, "arm64"],
  [/^arm/, "arm"],
  [/^i[3-6]86$/, "386"],
  [/^loongarch64$/, "loong64"],
  [/^ppc64le$/, "ppc64le"],
  [/^mips64el$/, "mips64le"],
  [/^mipsel$/, "mipsle"],
];

/** Go's name of the architecture that `uname -m` names. */
export function goArchitecture(machine: string): string {
  return ARCHITECTURES.find(([pattern]) => pattern.test(machine))?.[1] ?? machine;
}
