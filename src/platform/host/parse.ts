/** Pure readers of the text formats of /proc and of the firmware; units and rules of PiKVM API 9.1 and 9.2. */
import type { Throttling } from "./port.ts";

/** Ticks since boot, of all processors together. */
export interface CpuTicks {
  readonly busy: number;
  readonly total: number;
}

/** The summary line of /proc/stat. Waiting for a disk counts as idle. */
export function parseCpuTicks(stat: string): CpuTicks | undefined {
  const line = /^cpu\s+(.+)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  // user nice system idle iowait irq softirq steal guest guest_nice; the guest times are part of user and nice.
  const ticks = line.trim().split(/\s+/).slice(0, 8).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, ...rest] = ticks;
  if (ticks.length < 4 || !ticks.every(Number.isFinite)) return undefined;
  const busy = user + nice + system + rest.reduce((sum, value) => sum + value, 0);
  return { busy, total: busy + idle + iowait };
}

/** Whole percent between two readings; undefined when no tick passed or the counters went back. */
export function cpuPercent(before: CpuTicks, now: CpuTicks): number | undefined {
  const total = now.total - before.total;
  const busy = now.busy - before.busy;
  if (total <= 0 || busy < 0) return undefined;
  return Math.trunc((Math.min(busy, total) * 100) / total);
}

export interface MemoryBytes {
  readonly total: number;
  readonly available: number;
}

/** /proc/meminfo. Old kernels have no `MemAvailable`; free memory and caches stand in for it. */
export function parseMemory(meminfo: string): MemoryBytes | undefined {
  const kibibytes = new Map<string, number>();
  for (const [, name, value] of meminfo.matchAll(/^(\w+):\s+(\d+)(?: kB)?$/gm)) {
    if (name !== undefined) kibibytes.set(name, Number(value));
  }
  const total = kibibytes.get("MemTotal");
  const available =
    kibibytes.get("MemAvailable") ??
    ["MemFree", "Buffers", "Cached"].reduce((sum, name) => sum + (kibibytes.get(name) ?? 0), 0);
  if (total === undefined || total === 0) return undefined;
  return { total: total * 1024, available: Math.min(available, total) * 1024 };
}

/** Whole seconds of /proc/uptime. */
export function parseUptime(uptime: string): number | undefined {
  const seconds = Number.parseFloat(uptime);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.floor(seconds) : undefined;
}

/** The value of a line `Name : value` of /proc/cpuinfo. */
export function parseCpuInfo(cpuinfo: string, name: string): string | undefined {
  for (const line of cpuinfo.split("\n")) {
    const colon = line.indexOf(":");
    if (colon !== -1 && line.slice(0, colon).trim() === name) {
      return line.slice(colon + 1).trim() || undefined;
    }
  }
  return undefined;
}

/** `throttled=0x50005`, or the bare hexadecimal digits of the kernel's file. */
export function parseThrottlingWord(output: string): number | undefined {
  const digits = /^(?:[^=]*=)?\s*(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(output.trim())?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

const UNDERVOLTAGE = 0;
const FREQUENCY_CAPPED = 1;
const THROTTLED = 2;
const PAST_SHIFT = 16;

const hasBit = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1;

/** Bits 0-2 say what is now, bits 16-18 what has been since boot. */
export function decodeThrottling(raw: number): Throttling {
  const pair = (bit: number): { now: boolean; past: boolean } => ({
    now: hasBit(raw, bit),
    past: hasBit(raw, bit + PAST_SHIFT),
  });
  return {
    raw,
    undervoltage: pair(UNDERVOLTAGE),
    frequencyCapped: pair(FREQUENCY_CAPPED),
    throttled: pair(THROTTLED),
  };
}

/** The word of a board that knows of undervoltage only. */
export function undervoltageWord(isNow: boolean, wasEver: boolean): number {
  return (isNow ? 1 << UNDERVOLTAGE : 0) | (wasEver ? 1 << (UNDERVOLTAGE + PAST_SHIFT) : 0);
}
