/** Who this board is; read once. */
export interface BoardIdentity {
  /** Preset that fits (`rpi4`, `rpi-zero2`, `onecloud`, `generic`, `sim`, ...): see `config/boards.ts`. */
  readonly preset: string;
  /** Text for people, "Raspberry Pi 4 Model B Rev 1.4"; null when nothing names the board. */
  readonly model: string | null;
  /** Board serial, or an identifier derived from the machine id; never empty. */
  readonly serial: string;
  /** Entries of the device tree's `compatible`, empty off device-tree. */
  readonly compatible: readonly string[];
}

/** `uname`. */
export interface KernelInfo {
  readonly system: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
}

/** Bits of the firmware's throttling word; null where the board has none. */
export interface Throttling {
  readonly raw: number;
  readonly undervoltage: { readonly now: boolean; readonly past: boolean };
  readonly frequencyCapped: { readonly now: boolean; readonly past: boolean };
  readonly throttled: { readonly now: boolean; readonly past: boolean };
}

export interface FanReading {
  /** Percent of full speed. */
  readonly speedPercent: number;
  /** Raw duty value of the controller. */
  readonly pwm: number;
  /** Turns per minute, null without a tachometer. */
  readonly rpm: number | null;
  readonly ok: boolean;
}

/** One cheap reading of /proc and /sys; absent sensors are null, never an error. */
export interface HealthReading {
  /** Degrees Celsius. */
  readonly cpuTemperature: number | null;
  /** 0-100, since the previous reading; null on the first one. */
  readonly cpuPercent: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryAvailableBytes: number | null;
  readonly throttling: Throttling | null;
  readonly fan: FanReading | null;
}

/** Slow, static facts of the machine, from `systeminformation`. */
export interface HostInventory {
  readonly manufacturer: string;
  readonly model: string;
  readonly cpuName: string;
  readonly cpuCores: number;
  readonly osName: string;
  readonly osRelease: string;
  readonly virtualization: string | null;
}

export interface HostProbe {
  identity(): Promise<BoardIdentity>;
  kernel(): KernelInfo;
  hostName(): string;
  /** Present IP addresses of this machine, without loopback and link-local ones. */
  addresses(): readonly string[];
  /** Whole seconds since boot. */
  uptimeSeconds(): number;
  health(): Promise<HealthReading>;
  /** Cached after the first call. */
  inventory(): Promise<HostInventory>;
}
