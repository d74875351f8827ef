import { createHash } from "node:crypto";
import { hostname, machine, release, type, uptime, version } from "node:os";
import type { FileStore } from "../files/port.ts";
import { reachableAddresses } from "../host/addresses.ts";
import { decodeThrottling } from "../host/parse.ts";
import type {
  BoardIdentity,
  FanReading,
  HealthReading,
  HostInventory,
  HostProbe,
  KernelInfo,
} from "../host/port.ts";

const MODEL = "Simulated board";
const MACHINE_ID = "/etc/machine-id";
const FALLBACK_SERIAL = "5100000000000000";
const GIB = 1024 ** 3;
/** Firmware word of a board without trouble. */
const NO_THROTTLING = 0;
const FAN: FanReading = { speedPercent: 30, pwm: 77, rpm: 1500, ok: true };

/** A board in good health unless told otherwise. */
export interface SimHost extends HostProbe {
  /** The firmware's throttling word (bits 0, 1, 2 now and 16, 17, 18 past), or null for a board without one. */
  setThrottling(raw: number | null): void;
  /** Replaces single readings. */
  setHealth(change: Partial<Omit<HealthReading, "throttling">>): void;
}

/** Stable for one machine, yet not the machine id itself, which is not meant to be shown around. */
async function boardSerial(files: FileStore): Promise<string> {
  const id = await files.read(MACHINE_ID).catch(() => undefined);
  if (id === undefined || id.trim() === "") return FALLBACK_SERIAL;
  return createHash("sha256")
    .update(`farhand simulated board ${id.trim()}`)
    .digest("hex")
    .slice(0, 16);
}

class SimHostProbe implements SimHost {
  readonly #files: FileStore;
  #identity: Promise<BoardIdentity> | undefined;
  #readings = 0;
  #health: HealthReading = {
    cpuTemperature: 47.2,
    cpuPercent: 12,
    memoryTotalBytes: GIB,
    memoryAvailableBytes: 0.75 * GIB,
    throttling: decodeThrottling(NO_THROTTLING),
    fan: FAN,
  };

  constructor(files: FileStore) {
    this.#files = files;
  }

  identity(): Promise<BoardIdentity> {
    this.#identity ??= boardSerial(this.#files).then((serial) => ({
      preset: "sim",
      model: MODEL,
      serial,
      compatible: ["farhand,simulated-board"],
    }));
    return this.#identity;
  }

  kernel(): KernelInfo {
    return { system: type(), release: release(), version: version(), machine: machine() };
  }

  hostName(): string {
    return hostname();
  }

  addresses(): readonly string[] {
    return reachableAddresses();
  }

  uptimeSeconds(): number {
    return Math.floor(uptime());
  }

  health(): Promise<HealthReading> {
    const isFirst = this.#readings === 0;
    this.#readings += 1;
    return Promise.resolve(isFirst ? { ...this.#health, cpuPercent: null } : this.#health);
  }

  inventory(): Promise<HostInventory> {
    return Promise.resolve({
      manufacturer: "Farhand",
      model: MODEL,
      cpuName: "Simulated CPU",
      cpuCores: 4,
      osName: type(),
      osRelease: release(),
      virtualization: "simulated",
    });
  }

  setThrottling(raw: number | null): void {
    this.#health = { ...this.#health, throttling: raw === null ? null : decodeThrottling(raw) };
  }

  setHealth(change: Partial<Omit<HealthReading, "throttling">>): void {
    this.#health = { ...this.#health, ...change };
  }
}

/** Identity and health of the simulated board; kernel, host name and uptime are those of the machine it runs on. */
export function createSimHost(files: FileStore): SimHost {
  return new SimHostProbe(files);
}
