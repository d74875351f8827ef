/** The machine's load as a panel shows it (PasarGuard node 5.4). */
import { every } from "../core/clock.ts";
import type { Clock } from "../core/clock.ts";
import type { FileStore } from "../platform/files/port.ts";

export interface SystemStats {
  readonly memTotal: bigint;
  readonly memUsed: bigint;
  readonly cpuCores: bigint;
  /** Percent, of all processors together. */
  readonly cpuUsage: number;
  /** Bytes per second over all interfaces but the loopback. */
  readonly incomingBandwidthSpeed: bigint;
  readonly outgoingBandwidthSpeed: bigint;
}

export const NO_SYSTEM_STATS: SystemStats = {
  memTotal: 0n,
  memUsed: 0n,
  cpuCores: 0n,
  cpuUsage: 0,
  incomingBandwidthSpeed: 0n,
  outgoingBandwidthSpeed: 0n,
};

const PERIOD_MS = 2000;

interface Counters {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly busyTicks: number;
  readonly totalTicks: number;
  readonly cores: number;
  readonly received: bigint;
  readonly sent: bigint;
  readonly memTotal: bigint;
  readonly memAvailable: bigint;
}

/** Summary line of /proc/stat; guest time is part of user time already, waiting for a disk is idleness. */
function cpuTicks(stat: string): { readonly busy: number; readonly total: number } {
  const numbers = (/^cpu +(.+)$/m.exec(stat)?.[1] ?? "").split(" ").slice(0, 8).map(Number);
  const total = numbers.reduce((sum, value) => sum + value, 0);
  const [, , , idle = 0, wait = 0] = numbers;
  return { busy: total - idle - wait, total };
}

/** Received and sent bytes of every line of /proc/net/dev but `lo`. */
function networkBytes(dev: string): { readonly received: bigint; readonly sent: bigint } {
  let received = 0n;
  let sent = 0n;
  for (const [, name, fields = ""] of dev.matchAll(/^\s*([^\s:]+):(.+)$/gm)) {
    if (name === "lo") continue;
    const columns = fields.trim().split(/\s+/);
    received += BigInt(columns[0] ?? "0");
    sent += BigInt(columns[8] ?? "0");
  }
  return { received, sent };
}

function memoryBytes(meminfo: string, name: string): bigint {
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1];
  return BigInt(value ?? "0") * 1024n;
}

async function readCounters(files: FileStore, clock: Clock): Promise<Counters> {
  const [stat = "", dev = "", meminfo = ""] = await Promise.all(
    ["/proc/stat", "/proc/net/dev", "/proc/meminfo"].map((path) => files.read(path)),
  );
  const { busy, total } = cpuTicks(stat);
  return {
    at: clock.monotonic(),
    busyTicks: busy,
    totalTicks: total,
    cores: [...stat.matchAll(/^cpu\d+ /gm)].length,
    ...networkBytes(dev),
    memTotal: memoryBytes(meminfo, "MemTotal"),
    memAvailable: memoryBytes(meminfo, "MemAvailable"),
  };
}

function perSecond(before: bigint, now: bigint, ms: number): bigint {
  if (now <= before || ms <= 0) return 0n;
  return BigInt(Math.round((Number(now - before) * 1000) / ms));
}

function compare(before: Counters, now: Counters): SystemStats {
  const ticks = now.totalTicks - before.totalTicks;
  const busy = now.busyTicks - before.busyTicks;
  const ms = now.at - before.at;
  return {
    memTotal: now.memTotal,
    memUsed: now.memTotal > now.memAvailable ? now.memTotal - now.memAvailable : 0n,
    cpuCores: BigInt(now.cores),
    cpuUsage: ticks > 0 ? Math.min(100, Math.max(0, (busy * 100) / ticks)) : 0,
    incomingBandwidthSpeed: perSecond(before.received, now.received, ms),
    outgoingBandwidthSpeed: perSecond(before.sent, now.sent, ms),
  };
}

/** Measures every two seconds from `start` to `stop`; the first reading has no speeds yet. */
export class SystemSampler {
  readonly #files: FileStore;
  readonly #clock: Clock;
  #before: Counters | undefined;
  #latest = NO_SYSTEM_STATS;
  #stop: (() => void) | undefined;

  constructor(files: FileStore, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  get latest(): SystemStats {
    return this.#latest;
  }

  start(): void {
    this.#stop ??= every(this.#clock, PERIOD_MS, () => {
      void this.#sample();
    });
    void this.#sample();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#before = undefined;
    this.#latest = NO_SYSTEM_STATS;
  }

  async #sample(): Promise<void> {
    try {
      const now = await readCounters(this.#files, this.#clock);
      if (this.#stop === undefined) return;
      this.#latest = compare(this.#before ?? now, now);
      this.#before = now;
    } catch {
      // The next one will tell: an unreadable /proc costs the figures, nothing else.
    }
  }
}
