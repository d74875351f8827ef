import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import { ValidationError } from "../../core/errors.ts";
import { isPublicAddress } from "../storage/remote/address-policy.ts";
import { OutboundAddressError } from "./port.ts";

export interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address of a host name; a seam for tests of names that lead inside. */
export type LookupAll = (host: string) => Promise<readonly FoundAddress[]>;

export const systemLookup: LookupAll = (host) => lookup(host, { all: true });

const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv4(address) ? "ipv4" : "ipv6");

/** Throws `ValidationError` for an entry that is neither an address nor a network. */
export function allowList(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const bits = prefix === undefined ? undefined : Number(prefix);
    const most = isIPv4(address) ? 32 : 128;
    const isRight =
      isIP(address) !== 0 &&
      (bits === undefined || (/^\d{1,3}$/.test(prefix ?? "") && bits <= most));
    if (!isRight) throw new ValidationError(`'${entry}' is neither an address nor a network`);
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, bits, familyOf(address));
  }
  return (address) =>
    (isIPv4(address) || isIPv6(address)) && list.check(address, familyOf(address));
}

/**
 * The addresses of a host that may be called; the connection must use one of them and not ask again. Rejects with
 * `OutboundAddressError`, or with the error of the look-up.
 */
export async function allowedAddresses(
  hostname: string,
  allow: readonly string[],
  find: LookupAll,
): Promise<readonly FoundAddress[]> {
  // URL parsers keep the brackets of IPv6 literals.
  const host = hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const found = family === 0 ? await find(host) : [{ address: host, family }];
  const isListed = allowList(allow);
  const allowed = found.filter(({ address }) => isPublicAddress(address) || isListed(address));
  if (allowed.length > 0) return allowed;
  throw new OutboundAddressError(
    `${host} is not on the public internet; hub.notify.allow in the configuration permits such servers`,
  );
}
