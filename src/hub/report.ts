/**
 * What a node tells about itself, in our own terms: dialects translate into this. Units are in the names; missing
 * figures are 0, missing texts empty. `acceptReport` makes a report safe whatever a dialect passes on.
 */

export interface NodeGpu {
  readonly name: string;
  readonly utilizationPercent: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly celsius: number;
}

export interface NodeTemperature {
  readonly name: string;
  readonly celsius: number;
}

export interface NodeReport {
  readonly cpuPercent: number;
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly swapTotalBytes: number;
  readonly swapUsedBytes: number;
  readonly diskTotalBytes: number;
  readonly diskUsedBytes: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  /** As the node counts; fall when it restarts or begins a new month. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly tcpConnections: number;
  readonly udpConnections: number;
  readonly processCount: number;
  readonly uptimeSeconds: number;
  readonly temperatures: readonly NodeTemperature[];
  /** Mean of all devices; 0 without one. */
  readonly gpuPercent: number;
  readonly gpus: readonly NodeGpu[];
  /** Problems that the agent had, for people. */
  readonly message: string;
}

/** A report with the hub's own time of receipt; agents' clocks are never believed. */
export interface ReceivedReport extends NodeReport {
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What changes rarely. Addresses are what the agent says; the one it connects from is in its session. */
export interface NodeFacts {
  readonly osName: string;
  /** Lower-case id and version as Nezha agents send them; empty from Komari agents. */
  readonly platform: string;
  readonly platformVersion: string;
  readonly kernelVersion: string;
  readonly arch: string;
  readonly virtualization: string;
  readonly cpuModels: readonly string[];
  readonly logicalCores: number;
  readonly physicalCores: number;
  readonly gpuModels: readonly string[];
  readonly memoryTotalBytes: number;
  readonly swapTotalBytes: number;
  readonly diskTotalBytes: number;
  readonly bootTimeSeconds: number;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Lower-case ISO 3166 code; empty when unknown. */
  readonly countryCode: string;
  readonly agentVersion: string;
}

export const NO_FACTS: NodeFacts = {
  osName: "",
  platform: "",
  platformVersion: "",
  kernelVersion: "",
  arch: "",
  virtualization: "",
  cpuModels: [],
  logicalCores: 0,
  physicalCores: 0,
  gpuModels: [],
  memoryTotalBytes: 0,
  swapTotalBytes: 0,
  diskTotalBytes: 0,
  bootTimeSeconds: 0,
  ipv4: "",
  ipv6: "",
  countryCode: "",
  agentVersion: "",
};
