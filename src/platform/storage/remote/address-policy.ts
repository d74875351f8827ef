import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Networks that are not the public internet (IANA special-purpose address registries). */
const V4_NETWORKS: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Of IPv6 only 2000::/3 is public; these inside it are not, or lead to an IPv4 address. */
const V6_NETWORKS: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

function listOf(family: "ipv4" | "ipv6", networks: readonly (readonly [string, number])[]) {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}

const V4_PRIVATE = listOf("ipv4", V4_NETWORKS);
const V6_PRIVATE = listOf("ipv6", V6_NETWORKS);
const V6_PUBLIC = listOf("ipv6", [["2000::", 3]]);

/** Whether an IP address is on the public internet. False for everything that is no IP address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !V4_PRIVATE.check(address, "ipv4");
  // An address with a zone belongs to one link.
  if (!isIPv6(address) || address.includes("%")) return false;
  return V6_PUBLIC.check(address, "ipv6") && !V6_PRIVATE.check(address, "ipv6");
}
