// What both generations of the protocol carry, with our names (Nezha facts 1.2). v0.ts and v1.ts hold the field
// numbers; decoding one generation with the other's table gives plausible but wrong numbers, so never guess.

/** Facts about a machine that change rarely. */
export interface NezhaHost {
  readonly platform: string;
  readonly platformVersion: string;
  /** `<model> <count> <Physical|Virtual> Core`, one entry a model. */
  readonly cpu: readonly string[];
  /** Bytes, as the two that follow. */
  readonly memTotal: number;
  readonly diskTotal: number;
  readonly swapTotal: number;
  readonly arch: string;
  readonly virtualization: string;
  /** Unix seconds. A larger value than before means a reboot to the dashboard. */
  readonly bootTime: number;
  /** v0 only: `v4`, `v6` or `v4/v6`. */
  readonly ip: string;
  /** v0 only, and no longer read by dashboards of v0.18.3 and later. */
  readonly countryCode: string;
  readonly version: string;
  readonly gpu: readonly string[];
}

export interface NezhaTemperature {
  readonly name: string;
  /** Degrees Celsius. */
  readonly temperature: number;
}

/** One report. Bytes, bytes a second and seconds; cpu in percent of all cores together. */
export interface NezhaState {
  readonly cpu: number;
  readonly memUsed: number;
  readonly swapUsed: number;
  readonly diskUsed: number;
  readonly netInTransfer: number;
  readonly netOutTransfer: number;
  readonly netInSpeed: number;
  readonly netOutSpeed: number;
  readonly uptime: number;
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly tcpConnCount: number;
  readonly udpConnCount: number;
  readonly processCount: number;
  readonly temperatures: readonly NezhaTemperature[];
  /** Percent, one entry a GPU. v0 has room for the first. */
  readonly gpu: readonly number[];
}

export interface NezhaTask {
  readonly id: number;
  /** One of `TASK_TYPE`, or one that is newer than this program. */
  readonly type: number;
  readonly data: string;
}

/** Answer to a task; echoes its id and type. */
export interface NezhaTaskResult {
  readonly id: number;
  readonly type: number;
  /** Milliseconds for probes, seconds for commands; 32 bits on the wire. */
  readonly delay: number;
  readonly data: string;
  readonly successful: boolean;
}

export interface NezhaReceipt {
  readonly proced: boolean;
}

/** The moment the dashboard started, in Unix seconds. */
export interface NezhaBootReceipt {
  readonly data: number;
}

export interface NezhaIoData {
  readonly data: Uint8Array;
}

/** v0: an address (`v4`, `v6` or `v4/v6`), answered with its country. */
export interface NezhaGeoIpLookup {
  readonly ip: string;
  readonly countryCode: string;
}

export interface NezhaAddresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** v1 and later: addresses of a machine, answered with the country. */
export interface NezhaGeoIp {
  /** Decides the country by the IPv6 address where there are both. */
  readonly use6: boolean;
  readonly ip: NezhaAddresses;
  readonly countryCode: string;
  readonly dashboardBootTime: number;
}

export const EMPTY_HOST: NezhaHost = {
  platform: "",
  platformVersion: "",
  cpu: [],
  memTotal: 0,
  diskTotal: 0,
  swapTotal: 0,
  arch: "",
  virtualization: "",
  bootTime: 0,
  ip: "",
  countryCode: "",
  version: "",
  gpu: [],
};

export const EMPTY_STATE: NezhaState = {
  cpu: 0,
  memUsed: 0,
  swapUsed: 0,
  diskUsed: 0,
  netInTransfer: 0,
  netOutTransfer: 0,
  netInSpeed: 0,
  netOutSpeed: 0,
  uptime: 0,
  load1: 0,
  load5: 0,
  load15: 0,
  tcpConnCount: 0,
  udpConnCount: 0,
  processCount: 0,
  temperatures: [],
  gpu: [],
};

export const EMPTY_TASK: NezhaTask = { id: 0, type: 0, data: "" };

export const EMPTY_TASK_RESULT: NezhaTaskResult = {
  id: 0,
  type: 0,
  delay: 0,
  data: "",
  successful: false,
};

export const NO_ADDRESSES: NezhaAddresses = { ipv4: "", ipv6: "" };

export const EMPTY_GEO_IP: NezhaGeoIp = {
  use6: false,
  ip: NO_ADDRESSES,
  countryCode: "",
  dashboardBootTime: 0,
};
