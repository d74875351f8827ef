import type { KvmStatus } from "../../protocol/fleet/live.ts";
import {
  cpuUsage,
  goArchitecture,
  gpuNameList,
  loadFigure,
  whole,
} from "../../protocol/komari/report.ts";
import type {
  KomariBasicInfo,
  KomariGpu,
  KomariReport,
  KomariUsage,
} from "../../protocol/komari/report.ts";
import type { GpuReading, HostFacts, Sample, Temperature, Usage } from "../sample.ts";

function usage({ totalBytes, usedBytes }: Usage): KomariUsage {
  return { total: whole(totalBytes), used: whole(usedBytes) };
}

function gpuOf(gpus: readonly GpuReading[]): { gpu?: KomariGpu } {
  if (gpus.length === 0) return {};
  const loads = gpus.map((gpu) => gpu.utilizationPercent ?? 0);
  return {
    gpu: {
      count: gpus.length,
      average_usage: loads.reduce((sum, load) => sum + load, 0) / gpus.length,
      detailed_info: gpus.map((gpu) => ({
        name: gpu.name,
        memory_total: whole(gpu.memoryTotalBytes ?? 0),
        memory_used: whole(gpu.memoryUsedBytes ?? 0),
        utilization: gpu.utilizationPercent ?? 0,
        temperature: whole(gpu.celsius ?? 0),
      })),
    },
  };
}

const PROCESSOR = /cpu|soc|core|k10temp|package/i;

/** The hottest sensor of the processor: the protocol has no field for it, only free text. */
function temperatureText(temperatures: readonly Temperature[]): string {
  const processor = temperatures.filter(({ name }) => PROCESSOR.test(name));
  if (processor.length === 0) return "";
  const hottest = Math.max(...processor.map(({ celsius }) => celsius));
  return `${Math.round(hottest)} °C`;
}

/** Free text, a line each: what could not be measured, and what the KVM says about itself. */
function messageOf(sample: Sample, health: string): string {
  const kvm = health === "" ? [] : [[health, temperatureText(sample.temperatures)]];
  const lines = kvm.map((parts) => parts.filter((part) => part !== "").join("; "));
  return [...sample.problems, ...lines].map((line) => `${line}\n`).join("");
}

/** What the KVM says about itself, in words and in a form that a hub can show; empty and undefined where there is none. */
export interface KvmWords {
  readonly health: string;
  readonly kvm: KvmStatus | undefined;
}

export function reportOf(sample: Sample, { health, kvm }: KvmWords): KomariReport {
  const { memory, swap, disk, traffic } = sample.counted.komari;
  return {
    cpu: { usage: cpuUsage(sample.cpuPercent) },
    ram: usage(memory),
    swap: usage(swap),
    load: {
      load1: loadFigure(sample.load1),
      load5: loadFigure(sample.load5),
      load15: loadFigure(sample.load15),
    },
    disk: usage(disk),
    network: {
      up: whole(traffic.sentBytesPerSecond),
      down: whole(traffic.receivedBytesPerSecond),
      totalUp: whole(traffic.sentBytes),
      totalDown: whole(traffic.receivedBytes),
    },
    connections: { tcp: whole(sample.tcpConnections), udp: whole(sample.udpConnections) },
    uptime: whole(sample.uptimeSeconds),
    process: whole(sample.processCount),
    message: messageOf(sample, health),
    ...gpuOf(sample.gpus),
    ...(kvm === undefined ? {} : { kvm }),
  };
}

export function basicInfoOf(facts: HostFacts, sample: Sample, version: string): KomariBasicInfo {
  const { memory, swap, disk } = sample.counted.komari;
  return {
    cpu_name: facts.cpuModels[0]?.name ?? "Unknown",
    cpu_cores: facts.logicalCores,
    cpu_physical_cores: facts.physicalCores,
    arch: goArchitecture(facts.machine),
    os: facts.osName,
    kernel_version: facts.kernelRelease,
    ipv4: facts.ipv4,
    ipv6: facts.ipv6,
    mem_total: whole(memory.totalBytes),
    swap_total: whole(swap.totalBytes),
    disk_total: whole(disk.totalBytes),
    gpu_name: gpuNameList(facts.gpuNames),
    virtualization: facts.virtualization,
    version,
  };
}
