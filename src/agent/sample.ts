/**
 * What one tick measures. Units are in the names: `Bytes`, `PerSecond`, `Percent` (0-100), `Celsius`, `Seconds`.
 * Every number is finite and not negative; byte counters and totals are whole numbers.
 */

/**
 * The stock agents count different mounts, interfaces and kinds of memory. Each sample holds both countings, so that
 * a machine shows the same figures as with the stock agent of that server (Komari 1.14, Nezha 1.11).
 */
export const COUNTING_RULES = ["komari", "nezha"] as const;
export type CountingRule = (typeof COUNTING_RULES)[number];

export interface Usage {
  readonly totalBytes: number;
  /** At most `totalBytes`. */
  readonly usedBytes: number;
}

export interface Traffic {
  /** Since boot, or since the monthly reset when one is configured. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Since the previous sample; 0 in the first one and when counters went back. */
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  /** What was counted since sampling began; never goes back. For averages, see `window.ts`. */
  readonly receivedSinceStartBytes: number;
  readonly sentSinceStartBytes: number;
}

/** What depends on the rules of a stock agent. */
export interface Counted {
  readonly memory: Usage;
  readonly swap: Usage;
  readonly disk: Usage;
  readonly traffic: Traffic;
}

export interface Temperature {
  /** `hwmon` name and label as Nezha 1.11 joins them: `coretemp_core_0`. */
  readonly name: string;
  readonly celsius: number;
}

/** A graphics device that the kernel measures; null where it does not tell. */
export interface GpuReading {
  readonly name: string;
  readonly utilizationPercent: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  readonly celsius: number | null;
}

export interface Sample {
  /** Wall clock, epoch milliseconds. May jump. */
  readonly at: number;
  /** `Clock.monotonic()` of the reading. */
  readonly monotonicMs: number;
  /** All processors together since the previous sample. */
  readonly cpuPercent: number;
  /** The kernel's counters behind `cpuPercent`. For averages, see `window.ts`. */
  readonly cpuTicks: { readonly busy: number; readonly total: number };
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly counted: Readonly<Record<CountingRule, Counted>>;
  /** Sockets in every state, IPv4 and IPv6. */
  readonly tcpConnections: number;
  readonly udpConnections: number;
  readonly processCount: number;
  /** Whole seconds since boot, by the kernel's clock: never goes back. */
  readonly uptimeSeconds: number;
  /** Sorted by name; empty without sensors. */
  readonly temperatures: readonly Temperature[];
  readonly gpus: readonly GpuReading[];
  /** Parts that could not be read, for people; empty in a healthy sample. */
  readonly problems: readonly string[];
}

export interface CpuModel {
  readonly name: string;
  /** Logical processors with this name. */
  readonly count: number;
}

/** What does not change while the machine runs, except its addresses. */
export interface HostFacts {
  readonly hostName: string;
  /** For people: `Debian GNU/Linux 13 (trixie)`. */
  readonly osName: string;
  /** Lower-case id and version by the rules of Nezha 1.11: `debian`, `13.1`. */
  readonly platform: string;
  readonly platformVersion: string;
  /** `uname -r`. */
  readonly kernelRelease: string;
  /** `uname -m`: `x86_64`, `aarch64`, `armv7l`. */
  readonly machine: string;
  /** Never empty; the first is the one that a single name stands for. */
  readonly cpuModels: readonly CpuModel[];
  readonly logicalCores: number;
  readonly physicalCores: number;
  /** `kvm`, `lxc`, `docker`, ...; `none` on bare metal. */
  readonly virtualization: string;
  /** Seconds since the epoch; computed once, so that it does not wobble. */
  readonly bootTimeSeconds: number;
  /** Model names; empty without a graphics device. */
  readonly gpuNames: readonly string[];
  /** Public addresses, empty when unknown. */
  readonly ipv4: string;
  readonly ipv6: string;
}
