import { gpuNameList } from "../../../protocol/komari/report.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import type { Hub } from "../../../hub/hub.ts";
import { timeText } from "../wire.ts";
import { seesHidden } from "./call.ts";
import type { Caller, Params } from "./call.ts";

/** The nodes that a caller may know of, in order of id. */
export function visibleNodes(hub: Pick<Hub, "registry">, caller: Caller): readonly NodeRecord[] {
  const { nodes } = hub.registry;
  return seesHidden(caller) ? nodes : nodes.filter(({ isHidden }) => !isHidden);
}

/** Undefined for one that does not exist, and for a hidden one that a guest asks for. */
export function visibleNode(
  hub: Pick<Hub, "registry">,
  caller: Caller,
  uuid: string,
): NodeRecord | undefined {
  const node = hub.registry.byUuid(uuid);
  return node === undefined || (node.isHidden && !seesHidden(caller)) ? undefined : node;
}

/** The flag of a country, of two regional indicator letters. */
function flagOf(countryCode: string): string {
  if (!/^[a-z]{2}$/.test(countryCode)) return "";
  const letters = Array.from(countryCode, (letter) => 0x1_f1_e6 + letter.charCodeAt(0) - 97);
  return String.fromCodePoint(...letters);
}

/** What everybody who may see the node is told (Komari 2.3): no addresses, no remark, no version, no token. */
export function publicNode(node: NodeRecord): Params {
  const { facts, expiresAt } = node;
  return {
    uuid: node.uuid,
    name: node.name,
    cpu_name: facts.cpuModels.join(", "),
    virtualization: facts.virtualization,
    arch: facts.arch,
    cpu_cores: facts.logicalCores,
    cpu_physical_cores: facts.physicalCores,
    os: facts.osName,
    kernel_version: facts.kernelVersion,
    gpu_name: gpuNameList(facts.gpuModels),
    region: node.region === "" ? flagOf(facts.countryCode) : node.region,
    // Absent when empty, as on the original.
    ...(node.publicRemark === "" ? {} : { public_remark: node.publicRemark }),
    mem_total: facts.memoryTotalBytes,
    swap_total: facts.swapTotalBytes,
    disk_total: facts.diskTotalBytes,
    weight: node.weight,
    price: node.price,
    billing_cycle: node.billingCycleDays,
    auto_renewal: node.isAutoRenewal,
    currency: node.currency,
    expired_at: expiresAt === undefined ? null : timeText(expiresAt),
    group: node.group,
    tags: node.tags.join(";"),
    hidden: node.isHidden,
    traffic_limit: node.trafficLimitBytes,
    traffic_limit_type: node.trafficLimitType,
    created_at: timeText(node.createdAt),
    updated_at: timeText(node.updatedAt),
  };
}

/** What admins are told. The token is known for a while after it was made: only a hash of it is kept. */
export function adminNode(node: NodeRecord, token: string): Params {
  const { facts } = node;
  return {
    ...publicNode(node),
    token,
    ipv4: facts.ipv4,
    ipv6: facts.ipv6,
    remark: node.remark,
    public_remark: node.publicRemark,
    version: facts.agentVersion,
  };
}

/** The first part of an address, as guests may be shown it. */
export function maskedAddresses({ facts: { ipv4, ipv6 } }: NodeRecord): Params {
  return {
    ...(ipv4 === "" ? {} : { ipv4: `${ipv4.split(".")[0] ?? ""}.*.*.*` }),
    ...(ipv6 === "" ? {} : { ipv6: `${ipv6.split(":")[0] ?? ""}:*:*:*:*:*:*:*` }),
  };
}
