import type { FanReading, HealthReading, KernelInfo } from "../../platform/host/port.ts";

export interface InfoState {
  /** The board has been identified. */
  readonly ready: boolean;
  /** Model of the board, for people. */
  readonly board: string;
}

export interface NodeInfo {
  readonly host: string;
}

export interface UptimeInfo {
  readonly totalSeconds: number;
}

export interface HealthInfo extends Omit<HealthReading, "fan"> {
  /** Clients are asked not to warn about throttling in the past. */
  readonly ignorePastThrottling: boolean;
}

export interface FanInfo {
  readonly reading: FanReading;
  readonly cpuTemperature: number | null;
  /** Uptime when it was read, and when it last stood still though it should turn; null for never. */
  readonly readAtSeconds: number;
  readonly lastFailureSeconds: number | null;
}

/** What the controlled computer and this device are called; any tree of JSON values, null when unreadable. */
export type MetaInfo = unknown;

export interface StreamerInfo {
  readonly app: string;
  /** Empty when the streamer cannot be asked. */
  readonly version: string;
  readonly features: Readonly<Record<string, boolean>>;
}

export interface BoardInfo {
  readonly preset: string;
  /** Never empty: clients show it. */
  readonly model: string;
  /** Never empty: clients tell devices apart by it. */
  readonly serial: string;
}

export interface FarhandInfo {
  readonly version: string;
  readonly platform: "linux" | "sim";
}

export interface SystemInfo {
  readonly farhand: FarhandInfo;
  /** Of the device on its own page: `#rrggbb`, or `auto` for one made from its name. */
  readonly color: string;
  readonly board: BoardInfo;
  readonly kernel: KernelInfo;
  readonly streamer: StreamerInfo;
}

/** An additional program of the device that clients may offer. */
export interface ExtraInfo {
  readonly name: string;
  readonly description: string;
  readonly icon: string;
  readonly path: string;
  readonly daemon: string;
  /** Sort weight; negative hides it. */
  readonly place: number;
  readonly port?: number;
  readonly enabled: boolean;
  readonly started: boolean;
}

export type ExtrasInfo = Readonly<Record<string, ExtraInfo>>;

export interface AuthInfo {
  readonly enabled: boolean;
}
