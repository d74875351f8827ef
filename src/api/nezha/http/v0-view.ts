import type { Hub } from "../../../hub/hub.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { ReceivedReport } from "../../../hub/report.ts";
import { displayIndex, hostFigures } from "./node-figures.ts";
import { meanDelay } from "./ping-curves.ts";
import type { PingCurve } from "./ping-curves.ts";

// Objects of the v0 API (Nezha facts 2.2 to 2.6): every key is always there, and a list that an agent does not send is
// null, never empty. Keys are in the order of the original.

/** What Go makes of a time that never was, in seconds. */
const NEVER_SECONDS = -62_135_596_800;
const NEVER_TEXT = "0001-01-01T00:00:00Z";

/** Of a node that has not reported yet. */
const NO_REPORT: ReceivedReport = {
  at: 0,
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
  temperatures: [],
  gpuPercent: 0,
  gpus: [],
  message: "",
};

const listOrNull = <T>(list: readonly T[]): readonly T[] | null =>
  list.length === 0 ? null : list;

/** RFC 3339; the original writes nanoseconds, which no clock here has. */
export function timeText(at: number | undefined): string {
  return at === undefined ? NEVER_TEXT : new Date(at).toISOString();
}

/** An element of `/api/v1/server/list`. */
export function serverInfo(node: NodeRecord, latest: ReceivedReport | undefined) {
  const { ipv4, ipv6 } = node.facts;
  return {
    id: node.id,
    name: node.name,
    tag: node.group,
    last_active: latest === undefined ? NEVER_SECONDS : Math.floor(latest.at / 1000),
    ipv4,
    ipv6,
    valid_ip: ipv4 === "" ? ipv6 : ipv4,
    display_index: 0,
    hide_for_guest: false,
  };
}

function hostObject(node: NodeRecord, latest: ReceivedReport | undefined) {
  const host = hostFigures(node, latest);
  return {
    Platform: host.platform,
    PlatformVersion: host.platformVersion,
    CPU: listOrNull(host.cpu),
    MemTotal: host.memTotal,
    DiskTotal: host.diskTotal,
    SwapTotal: host.swapTotal,
    Arch: host.arch,
    Virtualization: host.virtualization,
    BootTime: host.bootTime,
    CountryCode: host.countryCode,
    Version: host.version,
    GPU: listOrNull(host.gpu),
  };
}

function statusObject(latest: ReceivedReport = NO_REPORT) {
  return {
    CPU: latest.cpuPercent,
    MemUsed: latest.memoryUsedBytes,
    SwapUsed: latest.swapUsedBytes,
    DiskUsed: latest.diskUsedBytes,
    NetInTransfer: latest.receivedBytes,
    NetOutTransfer: latest.sentBytes,
    NetInSpeed: latest.receivedBytesPerSecond,
    NetOutSpeed: latest.sentBytesPerSecond,
    Uptime: latest.uptimeSeconds,
    Load1: latest.load1,
    Load5: latest.load5,
    Load15: latest.load15,
    TcpConnCount: latest.tcpConnections,
    UdpConnCount: latest.udpConnections,
    ProcessCount: latest.processCount,
    Temperatures: listOrNull(
      latest.temperatures.map(({ name, celsius }) => ({ Name: name, Temperature: celsius })),
    ),
    GPU: latest.gpuPercent,
  };
}

/** An element of `/api/v1/server/details`. Only the list of all tells the order and who is hidden. */
export function serverDetails(hub: Hub, node: NodeRecord, isOfAll: boolean) {
  const latest = hub.ingest.latest(node.id);
  const info = serverInfo(node, latest);
  const ofAll = { display_index: displayIndex(node), hide_for_guest: node.isHidden };
  return {
    ...info,
    ...(isOfAll ? ofAll : {}),
    host: hostObject(node, latest),
    status: statusObject(latest),
  };
}

/** A server of the live feed `/ws`. */
export function liveServer(hub: Hub, node: NodeRecord) {
  const latest = hub.ingest.latest(node.id);
  return {
    ID: node.id,
    CreatedAt: timeText(node.createdAt),
    UpdatedAt: timeText(node.updatedAt),
    DeletedAt: null,
    Name: node.name,
    Tag: node.group,
    DisplayIndex: displayIndex(node),
    HideForGuest: node.isHidden,
    EnableDDNS: false,
    Host: hostObject(node, latest),
    State: statusObject(latest),
    LastActive: timeText(latest?.at),
  };
}

/** The shortest number that is the same in 32 bits, as the original writes it. */
export function shortFloat(value: number): number {
  const narrow = Math.fround(value);
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === narrow) return short;
  }
  return Number(value.toPrecision(9));
}

/** An element of `/api/v1/monitor/{id}`. */
export function monitorCurve(node: NodeRecord, { task, points }: PingCurve) {
  return {
    monitor_id: task.id,
    server_id: node.id,
    monitor_name: task.name,
    server_name: node.name,
    created_at: points.map(({ at }) => at),
    avg_delay: points.map((point) => shortFloat(meanDelay(point))),
  };
}
