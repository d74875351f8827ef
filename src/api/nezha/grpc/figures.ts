import type { NodeFacts, NodeReport } from "../../../hub/report.ts";
import type { NezhaAddresses, NezhaHost, NezhaState } from "../../../protocol/nezha/messages.ts";
import type { NezhaGeneration } from "../../../protocol/nezha/service.ts";

// What agents measure, in the words of the hub (Nezha facts 1.11, 6.9).

/** Above this a counter has wrapped around below zero: some agents underflow. */
const WRAPPED = 2 ** 63;
/** 10 Tbit/s: what is faster is a wrapped difference. */
const MAX_SPEED = 1.25e12;
const CORES = / (\d+) (Physical|Virtual) Core$/;

function figure(value: number, most = Number.MAX_SAFE_INTEGER): number {
  return value >= WRAPPED ? 0 : Math.min(value, most);
}

function speed(value: number): number {
  return value > MAX_SPEED ? 0 : value;
}

/** `v4`, `v6` or `v4/v6`. */
function splitAddresses(text: string): NezhaAddresses {
  const [first = "", second] = text.split("/");
  if (second !== undefined) return { ipv4: first, ipv6: second };
  return first.includes(":") ? { ipv4: "", ipv6: first } : { ipv4: first, ipv6: "" };
}

type Processors = Pick<NodeFacts, "cpuModels" | "logicalCores" | "physicalCores">;

/**
 * Agents write the number of cores behind the name. With several models that stays there: the hub has one number for
 * all of them.
 */
function processorsOf(cpu: readonly string[]): Processors {
  const [first = ""] = cpu;
  const [suffix = "", count = "0", kind] = CORES.exec(first) ?? [];
  const logicalCores = Number(count);
  if (cpu.length === 1 && suffix !== "") {
    const physicalCores = kind === "Physical" ? logicalCores : 0;
    return { cpuModels: [first.slice(0, -suffix.length)], logicalCores, physicalCores };
  }
  const all = cpu.reduce((sum, model) => sum + Number(CORES.exec(model)?.[1] ?? 0), 0);
  return { cpuModels: cpu, logicalCores: all, physicalCores: 0 };
}

export function factsOfHost(host: NezhaHost, generation: NezhaGeneration): Partial<NodeFacts> {
  const { platform, platformVersion, cpu } = host;
  const facts: Partial<NodeFacts> = {
    osName: `${platform} ${platformVersion}`.trim(),
    platform,
    platformVersion,
    arch: host.arch,
    virtualization: host.virtualization,
    ...processorsOf(cpu),
    gpuModels: host.gpu,
    memoryTotalBytes: figure(host.memTotal),
    swapTotalBytes: figure(host.swapTotal),
    diskTotalBytes: figure(host.diskTotal),
    bootTimeSeconds: figure(host.bootTime),
    agentVersion: host.version,
  };
  if (generation === "v1") return facts;
  // The first report comes before the agent knows its address: that is no news.
  const addresses = host.ip === "" ? {} : splitAddresses(host.ip);
  const country = host.countryCode.toLowerCase();
  return { ...facts, ...addresses, ...(country === "" ? {} : { countryCode: country }) };
}

/** Totals come with the host, once in a while; agents are also known to use more than there is. */
export function reportOfState(state: NezhaState, facts: NodeFacts): NodeReport {
  const { memoryTotalBytes, swapTotalBytes, diskTotalBytes, gpuModels } = facts;
  const { gpu } = state;
  const within = (used: number, total: number): number =>
    figure(used, total > 0 ? total : undefined);
  return {
    cpuPercent: state.cpu,
    load1: state.load1,
    load5: state.load5,
    load15: state.load15,
    memoryTotalBytes,
    memoryUsedBytes: within(state.memUsed, memoryTotalBytes),
    swapTotalBytes,
    swapUsedBytes: within(state.swapUsed, swapTotalBytes),
    diskTotalBytes,
    diskUsedBytes: within(state.diskUsed, diskTotalBytes),
    receivedBytesPerSecond: speed(state.netInSpeed),
    sentBytesPerSecond: speed(state.netOutSpeed),
    receivedBytes: figure(state.netInTransfer),
    sentBytes: figure(state.netOutTransfer),
    tcpConnections: state.tcpConnCount,
    udpConnections: state.udpConnCount,
    processCount: state.processCount,
    uptimeSeconds: figure(state.uptime),
    temperatures: state.temperatures.map(({ name, temperature }) => ({
      name,
      celsius: temperature,
    })),
    gpuPercent: gpu.length === 0 ? 0 : gpu.reduce((sum, load) => sum + load, 0) / gpu.length,
    gpus: gpu.map((load, index) => ({
      name: gpuModels[index] ?? "",
      utilizationPercent: load,
      memoryTotalBytes: 0,
      memoryUsedBytes: 0,
      celsius: 0,
    })),
    message: "",
  };
}
