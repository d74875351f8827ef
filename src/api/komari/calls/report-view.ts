import type { ReceivedReport } from "../../../hub/report.ts";
import { timeText } from "../wire.ts";
import type { Params } from "./call.ts";

/** Zero is read as "no figure" by front ends of this dialect. */
const LEAST_CPU = 0.01;

function gpuView({ gpuPercent, gpus }: ReceivedReport): Params {
  if (gpus.length === 0) return {};
  return {
    gpu: {
      count: gpus.length,
      average_usage: gpuPercent,
      detailed_info: gpus.map((gpu) => ({
        name: gpu.name,
        memory_total: gpu.memoryTotalBytes,
        memory_used: gpu.memoryUsedBytes,
        utilization: gpu.utilizationPercent,
        temperature: gpu.celsius,
      })),
    },
  };
}

/** The nested form: `/api/clients` and, with the node's identity, `/api/recent` (Komari 1.5, 3). */
export function nestedReport(report: ReceivedReport, uuid?: string): Params {
  return {
    ...(uuid === undefined ? {} : { uuid }),
    cpu: { usage: report.cpuPercent === 0 ? LEAST_CPU : report.cpuPercent },
    ram: { total: report.memoryTotalBytes, used: report.memoryUsedBytes },
    swap: { total: report.swapTotalBytes, used: report.swapUsedBytes },
    load: { load1: report.load1, load5: report.load5, load15: report.load15 },
    disk: { total: report.diskTotalBytes, used: report.diskUsedBytes },
    network: {
      up: report.sentBytesPerSecond,
      down: report.receivedBytesPerSecond,
      totalUp: report.sentBytes,
      totalDown: report.receivedBytes,
    },
    connections: { tcp: report.tcpConnections, udp: report.udpConnections },
    ...gpuView(report),
    uptime: report.uptimeSeconds,
    process: report.processCount,
    message: report.message,
    updated_at: timeText(report.at),
  };
}

/** The flat form of RPC2 (Komari 2.6): here `connections` is TCP and UDP together, unlike in the history. */
export function flatReport(uuid: string, report: ReceivedReport): Params {
  return {
    client: uuid,
    time: timeText(report.at),
    cpu: report.cpuPercent,
    gpu: report.gpuPercent,
    ram: report.memoryUsedBytes,
    ram_total: report.memoryTotalBytes,
    swap: report.swapUsedBytes,
    swap_total: report.swapTotalBytes,
    load: report.load1,
    temp: hottest(report),
    disk: report.diskUsedBytes,
    disk_total: report.diskTotalBytes,
    net_in: report.receivedBytesPerSecond,
    net_out: report.sentBytesPerSecond,
    net_total_up: report.sentBytes,
    net_total_down: report.receivedBytes,
    process: report.processCount,
    connections: report.tcpConnections + report.udpConnections,
    connections_udp: report.udpConnections,
  };
}

function hottest({ temperatures }: ReceivedReport): number {
  return temperatures.reduce((most, { celsius }) => Math.max(most, celsius), 0);
}
