import { networkInterfaces } from "node:os";

/** Addresses under which others may reach this machine: no loopback, no IPv6 link-local ones, which need a zone. */
export function reachableAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith("fe80:"))
    .map(({ address }) => address);
}
