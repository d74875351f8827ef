import { hostname, machine, release, type, uptime, version } from "node:os";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { ProcessRunner } from "../process/port.ts";
import { reachableAddresses } from "./addresses.ts";
import { readIdentity } from "./identity.ts";
import { readInventory } from "./inventory.ts";
import { cpuPercent, parseCpuTicks, parseMemory, parseUptime } from "./parse.ts";
import type { BoardIdentity, FanReading, HostInventory, HostProbe } from "./port.ts";
import { findFan, findTemperatureFile, readFan, readTemperature } from "./sensors.ts";
import { createThrottlingReader } from "./throttling.ts";
import { createFileTree } from "./tree.ts";
import type { FileTree } from "./tree.ts";

export interface LinuxHostOptions {
  /** Stands before /proc, /sys and /etc; for tests. Default "/". */
  readonly root?: string;
  readonly process: ProcessRunner;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Load since the previous call; the one before the first is that of the creation. */
function createCpuMeter(tree: FileTree): () => number | null {
  const read = () => parseCpuTicks(tree.text("/proc/stat") ?? "");
  let before = read();
  let percent: number | null = null;
  return () => {
    const now = read();
    if (now === undefined) return null;
    // Two readings within one tick tell nothing new.
    percent = (before === undefined ? undefined : cpuPercent(before, now)) ?? percent;
    before = now;
    return percent;
  };
}

/** How long a search that found nothing holds; modules may be loaded later, fans plugged in. */
const SEARCH_AGAIN_MS = 60_000;

/** Remembers where a sensor is; looks again after it failed, and from time to time while there is none. */
function createSensor<T>(
  clock: Clock,
  find: () => string | undefined,
  read: (path: string) => T | null,
): () => T | null {
  let path: string | undefined;
  let searchAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (path === undefined && clock.monotonic() >= searchAt) {
      searchAt = clock.monotonic() + SEARCH_AGAIN_MS;
      path = find();
    }
    if (path === undefined) return null;
    const value = read(path);
    if (value === null) path = undefined;
    return value;
  };
}

/** `HostProbe` of a Linux machine: files of /proc and /sys, no process except `vcgencmd` on a Raspberry Pi. */
export function createLinuxHost({ root = "/", process, clock, log }: LinuxHostOptions): HostProbe {
  const tree = createFileTree(root);
  let identity: BoardIdentity | undefined;
  let inventory: Promise<HostInventory> | undefined;
  const identify = (): BoardIdentity => (identity ??= readIdentity(tree));
  const isRaspberryPi =
    identify().compatible.some((name) => name.startsWith("raspberrypi,")) ||
    identify().model?.startsWith("Raspberry Pi") === true;

  const readCpu = createCpuMeter(tree);
  const readThrottling = createThrottlingReader({ tree, process, clock, log, isRaspberryPi });
  const temperature = createSensor<number>(
    clock,
    () => findTemperatureFile(tree),
    (path) => readTemperature(tree, path),
  );
  const fan = createSensor<FanReading>(
    clock,
    () => findFan(tree),
    (folder) => readFan(tree, folder),
  );

  return {
    identity: () => Promise.resolve(identify()),
    kernel: () => ({ system: type(), release: release(), version: version(), machine: machine() }),
    hostName: () => tree.text("/proc/sys/kernel/hostname") ?? hostname(),
    addresses: reachableAddresses,
    uptimeSeconds: () => parseUptime(tree.text("/proc/uptime") ?? "") ?? Math.floor(uptime()),
    async health() {
      const throttling = await readThrottling();
      const memory = parseMemory(tree.text("/proc/meminfo") ?? "");
      return {
        cpuTemperature: temperature(),
        cpuPercent: readCpu(),
        memoryTotalBytes: memory?.total ?? null,
        memoryAvailableBytes: memory?.available ?? null,
        throttling,
        fan: fan(),
      };
    },
    inventory: () => (inventory ??= readInventory(log)),
  };
}
