/** Answers for charts: columns instead of objects, all of the same length; times without figures are left out. */

/** Columns of a load chart; named as in the hub's history. */
export const LOAD_COLUMNS = [
  "cpuPercent",
  "gpuPercent",
  "load1",
  "memoryUsedBytes",
  "memoryTotalBytes",
  "swapUsedBytes",
  "swapTotalBytes",
  "diskUsedBytes",
  "diskTotalBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "receivedDeltaBytes",
  "sentDeltaBytes",
  "tcpConnections",
  "udpConnections",
  "processCount",
  "temperatureCelsius",
] as const;

export type LoadColumn = (typeof LOAD_COLUMNS)[number];

/** `GET /native/fleet/nodes/{uuid}/load?from=&to=&points=`: epoch milliseconds; by default the last hour, 300 points. */
export interface LoadHistory {
  readonly from: number;
  readonly to: number;
  /** What one point stands for, milliseconds. */
  readonly stepMs: number;
  /** Starts of the points, epoch seconds, ascending. */
  readonly at: readonly number[];
  readonly columns: Readonly<Record<LoadColumn, readonly number[]>>;
}

/** `GET /native/fleet/nodes/{uuid}/recent`: the last minute, second by second, as it was reported. */
export interface RecentHistory {
  readonly at: readonly number[];
  readonly columns: Readonly<Record<RecentColumn, readonly number[]>>;
}

export const RECENT_COLUMNS = [
  "cpuPercent",
  "gpuPercent",
  "load1",
  "memoryUsedBytes",
  "swapUsedBytes",
  "diskUsedBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "tcpConnections",
  "udpConnections",
  "processCount",
  "temperatureCelsius",
] as const;

export type RecentColumn = (typeof RECENT_COLUMNS)[number];

export interface PingCurve {
  readonly task: number;
  readonly name: string;
  readonly isDefaultOn: boolean;
  /** Of the whole range. */
  readonly lossPercent: number;
  readonly at: readonly number[];
  /** Null where everything was lost. */
  readonly meanMs: readonly (number | null)[];
  readonly minMs: readonly (number | null)[];
  readonly maxMs: readonly (number | null)[];
  readonly sent: readonly number[];
  readonly lost: readonly number[];
}

/** `GET /native/fleet/nodes/{uuid}/pings?from=&to=&points=&task=`. */
export interface PingHistory {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** In the order of the tasks. */
  readonly tasks: readonly PingCurve[];
}
