/** Nodes and rows as they go over the wire. Rows are written as text at once: there are thousands of them. */
import type { Hub } from "../../hub/hub.ts";
import type { NodeRecord } from "../../hub/registry.ts";
import type { ReceivedReport } from "../../hub/report.ts";
import type { FleetNode, KvmStatus } from "../../protocol/fleet/live.ts";

/** Agents tell totals with their facts, with each report, or both. */
export interface Totals {
  readonly memory: number;
  readonly swap: number;
  readonly disk: number;
}

const larger = (reported: number | undefined, told: number): number =>
  reported === undefined || reported === 0 ? told : reported;

export function totalsOf({ facts }: NodeRecord, report: ReceivedReport | undefined): Totals {
  return {
    memory: larger(report?.memoryTotalBytes, facts.memoryTotalBytes),
    swap: larger(report?.swapTotalBytes, facts.swapTotalBytes),
    disk: larger(report?.diskTotalBytes, facts.diskTotalBytes),
  };
}

/** Everything that people who are signed in may see of a node in lists. */
export function fleetNodeOf(
  node: NodeRecord,
  { memory, swap, disk }: Totals,
  kvm: KvmStatus | undefined,
): FleetNode {
  const { facts } = node;
  return {
    id: node.id,
    uuid: node.uuid,
    name: node.name,
    group: node.group,
    tags: node.tags,
    isHidden: node.isHidden,
    weight: node.weight,
    region: node.region,
    country: facts.countryCode,
    publicRemark: node.publicRemark,
    os: facts.osName,
    platform: facts.platform,
    arch: facts.arch,
    virtualization: facts.virtualization,
    cpu: facts.cpuModels[0] ?? "",
    cores: facts.logicalCores,
    memoryTotalBytes: memory,
    swapTotalBytes: swap,
    diskTotalBytes: disk,
    price: node.price,
    currency: node.currency,
    billingCycleDays: node.billingCycleDays,
    expiresAt: node.expiresAt ?? null,
    trafficLimitBytes: node.trafficLimitBytes,
    trafficLimitType: node.trafficLimitType,
    kvm: kvm ?? null,
  };
}

/** The same without what guests may not know. */
export function publicNode(node: FleetNode): FleetNode {
  return node.kvm === null && !node.isHidden ? node : { ...node, isHidden: false, kvm: null };
}

/** The node as a list has it now. */
export function currentNode(hub: Hub, node: NodeRecord): FleetNode {
  return fleetNodeOf(node, totalsOf(node, hub.ingest.latest(node.id)), hub.kvm.of(node.id));
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
const hundredth = (value: number): number => Math.round(value * 100) / 100;
const seconds = (ms: number): number => Math.round(ms / 1000);

export function hottestOf({ temperatures }: Pick<ReceivedReport, "temperatures">): number {
  let most = 0;
  for (const { celsius } of temperatures) if (celsius > most) most = celsius;
  return most;
}

/** A row without its last number and the bracket: `[1,1,1700000000,...`. */
export function rowHead(
  { ingest, presence, cycles, events }: Pick<Hub, "ingest" | "presence" | "cycles" | "events">,
  node: number,
  report: ReceivedReport | undefined,
): string {
  const since = presence.since(node);
  const word = since === undefined ? 0 : presence.isOnline(node) ? 1 : 2;
  const total = ingest.traffic(node);
  const { receivedBytes, sentBytes } = total;
  const cycle = cycles.of(node, total);
  const traffic = `${Math.round(receivedBytes)},${Math.round(sentBytes)},${Math.round(cycle.receivedBytes)},${Math.round(cycle.sentBytes)}`;
  // Before its first report: what was known before the hub started.
  const at = since ?? events.lastPresence(node)?.at ?? 0;
  const head = `[${node},${word},${seconds(at)}`;
  if (report === undefined) return `${head},0,0,0,0,0,0,0,${traffic},0,0,0,0,0,0,0`;
  return (
    `${head},${seconds(report.at)},${tenth(report.cpuPercent)},${Math.round(report.memoryUsedBytes)},${Math.round(report.swapUsedBytes)}` +
    `,${Math.round(report.diskUsedBytes)},${Math.round(report.receivedBytesPerSecond)},${Math.round(report.sentBytesPerSecond)}` +
    `,${traffic},${hundredth(report.load1)},${tenth(hottestOf(report))},${Math.round(report.uptimeSeconds)}` +
    `,${Math.round(report.tcpConnections)},${Math.round(report.udpConnections)},${Math.round(report.processCount)},${tenth(report.gpuPercent)}`
  );
}
