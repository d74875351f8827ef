import type { Hub } from "../../../hub/hub.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { ReceivedReport } from "../../../hub/report.ts";
import { TASK_TYPE } from "../../../protocol/nezha/service.ts";
import { displayIndex, hostFigures } from "./node-figures.ts";
import type { Audience } from "./node-figures.ts";
import { meanDelay } from "./ping-curves.ts";
import type { PingCurve } from "./ping-curves.ts";
import { timeText } from "./v0-view.ts";
import { compact } from "./v1-answer.ts";

// Objects of the API of v1 and later (Nezha facts 3.2 to 3.4).

/** Guests are not told of versions, which say what a machine is vulnerable to. */
function hostObject(node: NodeRecord, latest: ReceivedReport | undefined, audience: Audience) {
  const { countryCode: _country, ...host } = hostFigures(node, latest);
  const isMember = audience === "member";
  return compact({
    platform: host.platform,
    platform_version: isMember ? host.platformVersion : "",
    cpu: host.cpu,
    mem_total: host.memTotal,
    disk_total: host.diskTotal,
    swap_total: host.swapTotal,
    arch: host.arch,
    virtualization: host.virtualization,
    boot_time: host.bootTime,
    version: isMember ? host.version : "",
    gpu: host.gpu,
  });
}

function stateObject(latest: ReceivedReport | undefined) {
  if (latest === undefined) return {};
  return compact({
    cpu: latest.cpuPercent,
    mem_used: latest.memoryUsedBytes,
    swap_used: latest.swapUsedBytes,
    disk_used: latest.diskUsedBytes,
    net_in_transfer: latest.receivedBytes,
    net_out_transfer: latest.sentBytes,
    net_in_speed: latest.receivedBytesPerSecond,
    net_out_speed: latest.sentBytesPerSecond,
    uptime: latest.uptimeSeconds,
    load_1: latest.load1,
    load_5: latest.load5,
    load_15: latest.load15,
    tcp_conn_count: latest.tcpConnections,
    udp_conn_count: latest.udpConnections,
    process_count: latest.processCount,
    temperatures: latest.temperatures.map(({ name, celsius }) =>
      compact({ Name: name, Temperature: celsius }),
    ),
    gpu: latest.gpus.map((gpu) => gpu.utilizationPercent),
  });
}

/** A server of the live feed. Public notes come with the first frame only. */
export function streamServer(
  hub: Hub,
  node: NodeRecord,
  { audience, isFirst }: { readonly audience: Audience; readonly isFirst: boolean },
) {
  const latest = hub.ingest.latest(node.id);
  return {
    ...compact({
      id: node.id,
      name: node.name,
      public_note: isFirst ? node.publicRemark : "",
      display_index: displayIndex(node),
    }),
    host: hostObject(node, latest, audience),
    state: stateObject(latest),
    ...compact({ country_code: hostFigures(node, latest).countryCode }),
    last_active: timeText(latest?.at),
  };
}

/** An element of `/api/v1/server`, for members. */
export function serverObject(hub: Hub, node: NodeRecord) {
  const latest = hub.ingest.latest(node.id);
  const { ipv4, ipv6 } = node.facts;
  const ip = compact({ ipv4_addr: ipv4, ipv6_addr: ipv6 });
  return {
    id: node.id,
    created_at: timeText(node.createdAt),
    updated_at: timeText(node.updatedAt),
    name: node.name,
    ...compact({ uuid: node.uuid, note: node.remark, public_note: node.publicRemark }),
    display_index: displayIndex(node),
    ...compact({ hide_for_guest: node.isHidden }),
    host: hostObject(node, latest, "member"),
    state: stateObject(latest),
    geoip: { ip, ...compact({ country_code: hostFigures(node, latest).countryCode }) },
    last_active: timeText(latest?.at),
  };
}

/** The groups of these nodes. They have no life of their own here: number and times are those of the oldest node. */
export function groupObjects(nodes: readonly NodeRecord[]) {
  const groups = new Map<string, NodeRecord[]>();
  for (const node of nodes) {
    if (node.group === "") continue;
    const group = groups.get(node.group) ?? [];
    group.push(node);
    groups.set(node.group, group);
  }
  return [...groups].flatMap(([name, [oldest, ...others]]) => {
    if (oldest === undefined) return [];
    const at = timeText(oldest.createdAt);
    const group = { id: oldest.id, created_at: at, updated_at: at, name };
    return [{ group, servers: [oldest, ...others].map(({ id }) => id) }];
  });
}

/** A curve for the network page. */
export function serviceCurve(node: NodeRecord, { task, points }: PingCurve) {
  return {
    monitor_id: task.id,
    server_id: node.id,
    monitor_name: task.name,
    server_name: node.name,
    display_index: task.weight === 0 ? 0 : -task.weight,
    created_at: points.map(({ at }) => at),
    avg_delay: points.map(meanDelay),
  };
}

const COVER = { except: 0, only: 1 } as const;
const TYPES = { http: TASK_TYPE.httpGet, icmp: TASK_TYPE.icmpPing, tcp: TASK_TYPE.tcpPing };

/** An element of `/api/v1/service/list`, for members: the target is in it. */
export function serviceObject(task: ProbeTask) {
  return {
    id: task.id,
    created_at: timeText(undefined),
    updated_at: timeText(undefined),
    name: task.name,
    type: TYPES[task.type],
    target: task.target,
    duration: task.intervalSeconds,
    display_index: task.weight === 0 ? 0 : -task.weight,
    // What is done when it fails is told by rules of the hub's own.
    notification_group_id: 0,
    cover: COVER[task.cover],
    fail_trigger_tasks: [],
    recover_trigger_tasks: [],
    min_latency: 0,
    max_latency: 0,
    skip_servers: Object.fromEntries(task.nodes.map((node) => [node, true])),
    ...compact({ enable_show_in_service: task.isDefaultOn }),
  };
}
