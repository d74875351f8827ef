import type { BoardIdentity, HealthReading, HostProbe } from "../../src/platform/host/port.ts";

/** A board whose readings the test sets. */
export interface FakeHost extends HostProbe {
  set(change: Partial<HealthReading>): void;
  rename(hostName: string): void;
  /** Makes readings reject. */
  breakHealth(error: Error | undefined): void;
  uptime: number;
  /** How often health was read. */
  readonly readings: number;
}

export const HEALTHY: HealthReading = {
  cpuTemperature: 36.511,
  cpuPercent: 16,
  memoryTotalBytes: 25_276_514_304,
  memoryAvailableBytes: 23_867_969_536,
  throttling: null,
  fan: null,
};

export const BOARD: BoardIdentity = {
  preset: "rpi4",
  model: "Raspberry Pi 4 Model B Rev 1.4",
  serial: "10000000abcdef01",
  compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"],
};

export function fakeHost(identity: Partial<BoardIdentity> = {}): FakeHost {
  let health = HEALTHY;
  let name = "kvm01";
  let failure: Error | undefined;
  let readings = 0;
  return {
    uptime: 65_425,
    identity: () => Promise.resolve({ ...BOARD, ...identity }),
    kernel: () => ({
      system: "Linux",
      release: "6.12.0-rpi",
      version: "#1 SMP",
      machine: "aarch64",
    }),
    hostName: () => name,
    addresses: () => ["192.0.2.7"],
    uptimeSeconds() {
      return this.uptime;
    },
    health() {
      readings += 1;
      return failure === undefined ? Promise.resolve(health) : Promise.reject(failure);
    },
    inventory: () => Promise.reject(new Error("not asked for")),
    set(change) {
      health = { ...health, ...change };
    },
    rename(hostName) {
      name = hostName;
    },
    breakHealth(error) {
      failure = error;
    },
    get readings() {
      return readings;
    },
  };
}
