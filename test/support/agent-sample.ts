import type { Counted, HostFacts, Sample } from "../../src/agent/sample.ts";

const COUNTED: Counted = {
  memory: { totalBytes: 1000, usedBytes: 400 },
  swap: { totalBytes: 200, usedBytes: 20 },
  disk: { totalBytes: 9000, usedBytes: 300 },
  traffic: {
    receivedBytes: 7000,
    sentBytes: 6000,
    receivedBytesPerSecond: 70,
    sentBytesPerSecond: 60,
    receivedSinceStartBytes: 700,
    sentSinceStartBytes: 600,
  },
};

/** A measurement in which every figure differs from the others. */
export function sampleOf(part: Partial<Sample> = {}): Sample {
  return {
    at: Date.UTC(2026, 0, 2),
    monotonicMs: 1000,
    cpuPercent: 12.5,
    cpuTicks: { busy: 125, total: 1000 },
    load1: 0.5,
    load5: 0.25,
    load15: 0.125,
    counted: { komari: COUNTED, nezha: COUNTED },
    tcpConnections: 11,
    udpConnections: 12,
    processCount: 13,
    uptimeSeconds: 86_400,
    temperatures: [],
    gpus: [],
    problems: [],
    ...part,
  };
}

export function factsOf(part: Partial<HostFacts> = {}): HostFacts {
  return {
    hostName: "kvm",
    osName: "Debian GNU/Linux 13 (trixie)",
    platform: "debian",
    platformVersion: "13.1",
    kernelRelease: "6.12.0",
    machine: "aarch64",
    cpuModels: [{ name: "Cortex-A72", count: 4 }],
    logicalCores: 4,
    physicalCores: 4,
    virtualization: "none",
    bootTimeSeconds: 1_767_225_600,
    gpuNames: [],
    ipv4: "",
    ipv6: "",
    ...part,
  };
}
