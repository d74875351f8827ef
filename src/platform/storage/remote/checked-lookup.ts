import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { describeError } from "../../../core/errors.ts";
import { isPublicAddress } from "./address-policy.ts";
import { RemoteAddressError, RemoteConnectError } from "./port.ts";

export interface FoundAddress {
  readonly address: string;
  readonly family: number;
}

/** Every address of a host name; a seam for tests of names that lead inside. */
export type LookupAll = (host: string) => Promise<readonly FoundAddress[]>;

export interface AddressPolicy {
  readonly find: LookupAll;
  readonly isPublic: (address: string) => boolean;
}

export const INTERNET: AddressPolicy = {
  find: (host) => lookup(host, { all: true }),
  isPublic: isPublicAddress,
};

async function addressesOf(host: string, find: LookupAll): Promise<readonly FoundAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  try {
    return await find(host);
  } catch (error) {
    throw new RemoteConnectError(`Cannot find ${host}: ${describeError(error)}`, { cause: error });
  }
}

/** The addresses of a host that may be called; the connection must use one of them and not ask again. */
export async function checkedAddresses(
  hostname: string,
  allowPrivate: boolean,
  { find, isPublic }: AddressPolicy,
): Promise<readonly FoundAddress[]> {
  // URL parsers keep the brackets of IPv6 literals.
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = await addressesOf(host, find);
  const allowed = allowPrivate ? found : found.filter(({ address }) => isPublic(address));
  if (allowed.length > 0) return allowed;
  if (found.length === 0) throw new RemoteConnectError(`Cannot find ${host}`);
  throw new RemoteAddressError(
    `${host} is not on the public internet; device.msd.remote.allowPrivate permits such addresses`,
  );
}
