/**
 * What an agent's report says, read by hand: this runs for every node every second (Komari 1.5, 9). Who sent it is not
 * read: that is known from the connection.
 */
import { isTree } from "./commands.ts";
import type { Tree } from "./commands.ts";

export interface GpuFigures {
  readonly name: string;
  readonly utilizationPercent: number;
  readonly memoryTotalBytes: number;
  readonly memoryUsedBytes: number;
  readonly celsius: number;
}

/** The figures with their units in the names. All finite, not negative (temperatures aside) and bounded. */
export interface ReportFigures {
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
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly tcpConnections: number;
  readonly udpConnections: number;
  readonly processCount: number;
  readonly uptimeSeconds: number;
  /** The protocol has none. */
  readonly temperatures: readonly never[];
  readonly gpuPercent: number;
  readonly gpus: readonly GpuFigures[];
  readonly message: string;
}

const MAX_LOAD = 1e6;
const MAX_COUNT = 1e8;
/** 10 Tbit/s. */
const MAX_RATE = 1.25e12;
const MAX_BYTES = Number.MAX_SAFE_INTEGER;
const MAX_UPTIME = 1e10;
/** Rounding makes some agents say a little more than everything. */
const MAX_PERCENT = 101;
const MAX_CELSIUS = 1000;
const MAX_GPUS = 16;
const MAX_NAME = 128;
const MAX_MESSAGE = 4096;

const NOTHING: Tree = {};
const NO_GPUS: readonly GpuFigures[] = [];
const NO_TEMPERATURES: readonly never[] = [];

const NO_FIGURES: ReportFigures = {
  cpuPercent: 0,
  load1: 0,
  load5: 0,
  load15: 0,
  memoryTotalBytes: 0,
  memoryUsedBytes: 0,
  swapTotalBytes: 0,
  swapUsedBytes: 0,
  diskTotalBytes: 0,
  diskUsedBytes: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 0,
  receivedBytes: 0,
  sentBytes: 0,
  tcpConnections: 0,
  udpConnections: 0,
  processCount: 0,
  uptimeSeconds: 0,
  temperatures: NO_TEMPERATURES,
  gpuPercent: 0,
  gpus: NO_GPUS,
  message: "",
};

/** What is taken over where a report says nothing. */
export type EarlierFigures = Omit<
  ReportFigures,
  "temperatures" | "gpus" | "message" | "gpuPercent"
>;

/**
 * Reads reports one after the other. A figure that is negative or too large is left out: the earlier one stays. Something
 * that is no figure at all makes the whole report unreadable, and so does a report without a single one.
 */
export class ReportReader {
  /** Figures that were left out because they are impossible, since the reader was made. */
  refused = 0;
  #wrong = 0;
  #read = 0;

  /** Undefined when it is no report. */
  read(value: unknown, earlier: EarlierFigures = NO_FIGURES): ReportFigures | undefined {
    if (!isTree(value)) return undefined;
    this.#wrong = 0;
    this.#read = 0;
    const report = this.#figures(value, earlier);
    return this.#wrong > 0 || this.#read === 0 ? undefined : report;
  }

  #figures(tree: Tree, earlier: EarlierFigures): ReportFigures {
    const cpu = this.#group(tree["cpu"]);
    const load = this.#group(tree["load"]);
    const ram = this.#group(tree["ram"]);
    const swap = this.#group(tree["swap"]);
    const disk = this.#group(tree["disk"]);
    const net = this.#group(tree["network"]);
    const sockets = this.#group(tree["connections"]);
    const gpu = tree["gpu"] === undefined ? NOTHING : this.#group(tree["gpu"]);
    return {
      cpuPercent: this.#percent(cpu["usage"], earlier.cpuPercent),
      load1: this.#figure(load["load1"], earlier.load1, MAX_LOAD),
      load5: this.#figure(load["load5"], earlier.load5, MAX_LOAD),
      load15: this.#figure(load["load15"], earlier.load15, MAX_LOAD),
      memoryTotalBytes: this.#whole(ram["total"], earlier.memoryTotalBytes, MAX_BYTES),
      memoryUsedBytes: this.#whole(ram["used"], earlier.memoryUsedBytes, MAX_BYTES),
      swapTotalBytes: this.#whole(swap["total"], earlier.swapTotalBytes, MAX_BYTES),
      swapUsedBytes: this.#whole(swap["used"], earlier.swapUsedBytes, MAX_BYTES),
      diskTotalBytes: this.#whole(disk["total"], earlier.diskTotalBytes, MAX_BYTES),
      diskUsedBytes: this.#whole(disk["used"], earlier.diskUsedBytes, MAX_BYTES),
      receivedBytesPerSecond: this.#whole(net["down"], earlier.receivedBytesPerSecond, MAX_RATE),
      sentBytesPerSecond: this.#whole(net["up"], earlier.sentBytesPerSecond, MAX_RATE),
      receivedBytes: this.#whole(net["totalDown"], earlier.receivedBytes, MAX_BYTES),
      sentBytes: this.#whole(net["totalUp"], earlier.sentBytes, MAX_BYTES),
      tcpConnections: this.#whole(sockets["tcp"], earlier.tcpConnections, MAX_COUNT),
      udpConnections: this.#whole(sockets["udp"], earlier.udpConnections, MAX_COUNT),
      processCount: this.#whole(tree["process"], earlier.processCount, MAX_COUNT),
      uptimeSeconds: this.#whole(tree["uptime"], earlier.uptimeSeconds, MAX_UPTIME),
      temperatures: NO_TEMPERATURES,
      gpuPercent: gpu === NOTHING ? 0 : this.#percent(gpu["average_usage"], 0),
      gpus: gpu === NOTHING ? NO_GPUS : this.#gpus(gpu["detailed_info"]),
      message: this.#text(tree["message"], MAX_MESSAGE),
    };
  }

  /** Absent and null are nothing said; anything else that is no object is wrong. */
  #group(value: unknown): Tree {
    if (isTree(value)) return value;
    if (value !== undefined && value !== null) this.#wrong += 1;
    return NOTHING;
  }

  #figure(value: unknown, earlier: number, limit: number): number {
    if (typeof value === "number") {
      if (value >= 0 && value <= limit) {
        this.#read += 1;
        return value;
      }
      this.refused += 1;
      return earlier;
    }
    if (value !== undefined && value !== null) this.#wrong += 1;
    return earlier;
  }

  #whole(value: unknown, earlier: number, limit: number): number {
    return Math.round(this.#figure(value, earlier, limit));
  }

  #percent(value: unknown, earlier: number): number {
    return Math.min(100, this.#figure(value, earlier, MAX_PERCENT));
  }

  #text(value: unknown, limit: number): string {
    if (typeof value === "string") return value.length > limit ? value.slice(0, limit) : value;
    if (value !== undefined && value !== null) this.#wrong += 1;
    return "";
  }

  #celsius(value: unknown): number {
    if (typeof value === "number" && Math.abs(value) <= MAX_CELSIUS) return value;
    if (typeof value === "number") this.refused += 1;
    else if (value !== undefined && value !== null) this.#wrong += 1;
    return 0;
  }

  #gpus(value: unknown): readonly GpuFigures[] {
    if (value === undefined || value === null) return NO_GPUS;
    if (!Array.isArray(value)) {
      this.#wrong += 1;
      return NO_GPUS;
    }
    if (value.length > MAX_GPUS) this.refused += value.length - MAX_GPUS;
    return value.slice(0, MAX_GPUS).map((item: unknown) => this.#gpu(this.#group(item)));
  }

  #gpu(gpu: Tree): GpuFigures {
    return {
      name: this.#text(gpu["name"], MAX_NAME),
      utilizationPercent: this.#percent(gpu["utilization"], 0),
      memoryTotalBytes: this.#whole(gpu["memory_total"], 0, MAX_BYTES),
      memoryUsedBytes: this.#whole(gpu["memory_used"], 0, MAX_BYTES),
      celsius: this.#celsius(gpu["temperature"]),
    };
  }
}
