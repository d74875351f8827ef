import type { HostFacts, Sample } from "../agent/sample.ts";
import type { NodeFacts, NodeReport } from "../hub/report.ts";

// This machine's figures as the hub knows them: both ends are in this process, so nothing is encoded on the way.

/** `health` is what the KVM says about itself, empty where there is none. */
export function nodeReportOf(sample: Sample, health: string): NodeReport {
  const { memory, swap, disk, traffic } = sample.counted.komari;
  const { gpus } = sample;
  const loads = gpus.reduce((sum, gpu) => sum + (gpu.utilizationPercent ?? 0), 0);
  return {
    cpuPercent: sample.cpuPercent,
    load1: sample.load1,
    load5: sample.load5,
    load15: sample.load15,
    memoryTotalBytes: memory.totalBytes,
    memoryUsedBytes: memory.usedBytes,
    swapTotalBytes: swap.totalBytes,
    swapUsedBytes: swap.usedBytes,
    diskTotalBytes: disk.totalBytes,
    diskUsedBytes: disk.usedBytes,
    receivedBytesPerSecond: traffic.receivedBytesPerSecond,
    sentBytesPerSecond: traffic.sentBytesPerSecond,
    receivedBytes: traffic.receivedBytes,
    sentBytes: traffic.sentBytes,
    tcpConnections: sample.tcpConnections,
    udpConnections: sample.udpConnections,
    processCount: sample.processCount,
    uptimeSeconds: sample.uptimeSeconds,
    temperatures: sample.temperatures,
    gpuPercent: gpus.length === 0 ? 0 : loads / gpus.length,
    gpus: gpus.map((gpu) => ({
      name: gpu.name,
      utilizationPercent: gpu.utilizationPercent ?? 0,
      memoryTotalBytes: gpu.memoryTotalBytes ?? 0,
      memoryUsedBytes: gpu.memoryUsedBytes ?? 0,
      celsius: gpu.celsius ?? 0,
    })),
    message: [health, ...sample.problems].filter((text) => text !== "").join("\n"),
  };
}

export function nodeFactsOf(facts: HostFacts, sample: Sample, version: string): NodeFacts {
  const { memory, swap, disk } = sample.counted.komari;
  return {
    osName: facts.osName,
    platform: facts.platform,
    platformVersion: facts.platformVersion,
    kernelVersion: facts.kernelRelease,
    arch: facts.machine,
    virtualization: facts.virtualization,
    cpuModels: facts.cpuModels.map(({ name }) => name),
    logicalCores: facts.logicalCores,
    physicalCores: facts.physicalCores,
    gpuModels: facts.gpuNames,
    memoryTotalBytes: memory.totalBytes,
    swapTotalBytes: swap.totalBytes,
    diskTotalBytes: disk.totalBytes,
    bootTimeSeconds: facts.bootTimeSeconds,
    ipv4: facts.ipv4,
    ipv6: facts.ipv6,
    countryCode: "",
    agentVersion: version,
  };
}
