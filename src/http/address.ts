/** `::ffff:192.0.2.1`, as a socket for both families shows IPv4 clients, becomes `192.0.2.1`. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/** Tells the connections of a listener apart, as the gRPC library names the peer of a call. */
export function peerOf({
  remoteAddress = "",
  remotePort = 0,
}: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}): string {
  return `${remoteAddress}:${remotePort}`;
}

/** First half of an IPv6 address, with the groups that `::` stands for. */
function networkHalf(address: string): string {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  if (tail === undefined) return before.slice(0, 4).join(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}

/**
 * What one party can use at will counts as one address: a single IPv4 address, but the whole /64 network of an IPv6
 * address.
 */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  return `${networkHalf(plain.replace(/%.*$/, "").toLowerCase())}::/64`;
}
