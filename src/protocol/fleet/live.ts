/**
 * The fleet as pages see it: what changes rarely is a `FleetNode`, what changes every second is a row of numbers. Both
 * ends of the wire share this file; it imports nothing, so that a page that uses it stays small.
 */

/** State of a machine that a KVM device looks after. Told to people who are signed in. */
export interface KvmStatus {
  /** The power LED of the computer. */
  readonly power: "on" | "off" | "unknown";
  /** `idle`: nobody looks, so nothing is captured. `missing`: there is no capture device. */
  readonly picture: "live" | "idle" | "noSignal" | "missing" | "unknown";
  /** Size of the picture; 0 without one. */
  readonly width: number;
  readonly height: number;
  /** Whether the computer takes keys and mouse. */
  readonly input: "online" | "offline" | "unknown";
  /** Of the device itself. */
  readonly health: "good" | "warning" | "unknown";
  /** For people: what the warning is about. */
  readonly problems: readonly string[];
  /** Where its console is, relative to this server or absolute; empty when there is none to go to. */
  readonly consoleUrl: string;
}

/** What the device itself knows; where its console is depends on who asks. */
export type KvmCondition = Omit<KvmStatus, "consoleUrl">;

/** What a card shows and what changes rarely. Missing figures are 0, missing texts empty. */
export interface FleetNode {
  /** Small; first number of its rows. */
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly group: string;
  /** May end in a color in angle brackets. */
  readonly tags: readonly string[];
  /** Always false for guests. */
  readonly isHidden: boolean;
  /** Lower comes first. */
  readonly weight: number;
  /** Flag of the country as an emoji, or any short text. */
  readonly region: string;
  /** Lower-case ISO 3166 code. */
  readonly country: string;
  readonly publicRemark: string;
  readonly os: string;
  /** Lower-case id of the system, as `debian`; empty when the agent does not tell. */
  readonly platform: string;
  readonly arch: string;
  readonly virtualization: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryTotalBytes: number;
  readonly swapTotalBytes: number;
  readonly diskTotalBytes: number;
  /** 0 unset, -1 free. */
  readonly price: number;
  readonly currency: string;
  /** Days; -1 once, 0 unset. */
  readonly billingCycleDays: number;
  /** Epoch milliseconds; null when unset. */
  readonly expiresAt: number | null;
  /** 0 = none. */
  readonly trafficLimitBytes: number;
  readonly trafficLimitType: "sum" | "max" | "min" | "up" | "down";
  /** Null for a node that is no KVM device, and always for guests. */
  readonly kvm: KvmStatus | null;
}

/** Numbers of a row, in this order. New ones are only ever added at the end. */
export const LIVE_FIELDS = [
  "id",
  /** 0: not heard of since the hub started. 1: online. 2: offline. */
  "presence",
  /** Of the last change of presence; epoch seconds, 0 when unknown. */
  "presenceAt",
  /** Of the report that the figures are from; epoch seconds, 0 without one. */
  "reportAt",
  /** One decimal. */
  "cpuPercent",
  "memoryUsedBytes",
  "swapUsedBytes",
  "diskUsedBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  /** Moved since the node is known. */
  "receivedBytes",
  "sentBytes",
  /** Moved in the running month of the node's traffic limit. */
  "cycleReceivedBytes",
  "cycleSentBytes",
  /** Two decimals. */
  "load1",
  /** Warmest sensor, one decimal; 0 without one. */
  "temperatureCelsius",
  "uptimeSeconds",
  "tcpConnections",
  "udpConnections",
  "processCount",
  "gpuPercent",
  /** Alerts that are raised now; 0 for guests, always. */
  "alerts",
] as const;

export type LiveField = (typeof LIVE_FIELDS)[number];
export type LiveRow = readonly number[];

/** Place of a field in a row: `row[LIVE.cpuPercent]`. */
export const LIVE: Readonly<Record<LiveField, number>> = {
  id: 0,
  presence: 1,
  presenceAt: 2,
  reportAt: 3,
  cpuPercent: 4,
  memoryUsedBytes: 5,
  swapUsedBytes: 6,
  diskUsedBytes: 7,
  receivedBytesPerSecond: 8,
  sentBytesPerSecond: 9,
  receivedBytes: 10,
  sentBytes: 11,
  cycleReceivedBytes: 12,
  cycleSentBytes: 13,
  load1: 14,
  temperatureCelsius: 15,
  uptimeSeconds: 16,
  tcpConnections: 17,
  udpConnections: 18,
  processCount: 19,
  gpuPercent: 20,
  alerts: 21,
};

/** Everything: the first message of a socket, and the answer of `GET /native/fleet/nodes`. */
export interface FleetSnapshot {
  readonly t: "all";
  /** Time of the hub, epoch milliseconds; ages are counted from it, not from the viewer's clock. */
  readonly at: number;
  readonly nodes: readonly FleetNode[];
  /** One for each node, in the same order. */
  readonly rows: readonly LiveRow[];
}

/** What changed. Members that would be empty are left out. */
export interface FleetBeat {
  readonly t: "beat";
  readonly at: number;
  /** Complete rows, each in the place of the node's earlier one. */
  readonly rows?: readonly LiveRow[];
  /** New and changed nodes; a new one's row is in `rows`. */
  readonly nodes?: readonly FleetNode[];
  /** Ids of nodes that are not there any more, or not for this viewer. */
  readonly gone?: readonly number[];
}

/** What the socket `/native/fleet/live` sends. It takes nothing. */
export type LiveMessage = FleetSnapshot | FleetBeat;
