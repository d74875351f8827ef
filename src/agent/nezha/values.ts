import type { NezhaHost, NezhaState } from "../../protocol/nezha/messages.ts";
import type { HostFacts, Sample } from "../sample.ts";

// Our measurements in the words of the stock agent (Nezha facts 1.11), so that a dashboard picks the same icons and
// shows the same figures.

export interface HostDetails {
  /** Of this program: dashboards compare it with versions of the stock agent, so it stays below 1.18. */
  readonly version: string;
  /** What the KVM says about itself; empty: nothing. */
  readonly health: string;
}

/** Longer health text is cut: it stands beside the name of the operating system. */
const MAX_HEALTH = 200;

function addressText({ ipv4, ipv6 }: HostFacts): string {
  return ipv4 !== "" && ipv6 !== "" ? `${ipv4}/${ipv6}` : ipv4 + ipv6;
}

/** Health stands behind the version of the operating system: the only free text that dashboards show. */
function versionText(platformVersion: string, health: string): string {
  if (health === "") return platformVersion;
  const text = health.length > MAX_HEALTH ? `${health.slice(0, MAX_HEALTH)}…` : health;
  return platformVersion === "" ? text : `${platformVersion} · ${text}`;
}

export function toNezhaHost(facts: HostFacts, sample: Sample, details: HostDetails): NezhaHost {
  const virtualization = facts.virtualization === "none" ? "" : facts.virtualization;
  const kind = virtualization === "" ? "Physical" : "Virtual";
  const { memory, swap, disk } = sample.counted.nezha;
  return {
    platform: facts.platform,
    platformVersion: versionText(facts.platformVersion, details.health),
    cpu: facts.cpuModels.map(({ name, count }) => `${name} ${count} ${kind} Core`),
    memTotal: memory.totalBytes,
    diskTotal: disk.totalBytes,
    swapTotal: swap.totalBytes,
    arch: facts.machine,
    virtualization,
    bootTime: facts.bootTimeSeconds,
    ip: addressText(facts),
    countryCode: "",
    version: details.version,
    gpu: facts.gpuNames,
  };
}

export function toNezhaState(sample: Sample): NezhaState {
  const { memory, swap, disk, traffic } = sample.counted.nezha;
  return {
    cpu: sample.cpuPercent,
    memUsed: memory.usedBytes,
    swapUsed: swap.usedBytes,
    diskUsed: disk.usedBytes,
    netInTransfer: traffic.receivedBytes,
    netOutTransfer: traffic.sentBytes,
    netInSpeed: traffic.receivedBytesPerSecond,
    netOutSpeed: traffic.sentBytesPerSecond,
    uptime: sample.uptimeSeconds,
    load1: sample.load1,
    load5: sample.load5,
    load15: sample.load15,
    tcpConnCount: sample.tcpConnections,
    udpConnCount: sample.udpConnections,
    processCount: sample.processCount,
    temperatures: sample.temperatures.map(({ name, celsius }) => ({ name, temperature: celsius })),
    // A place in the list stands for a GPU: one that tells nothing keeps its place.
    gpu: sample.gpus.some((gpu) => gpu.utilizationPercent !== null)
      ? sample.gpus.map((gpu) => gpu.utilizationPercent ?? 0)
      : [],
  };
}
