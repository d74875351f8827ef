import { BlockList, isIP } from "node:net";
import { plainAddress } from "./address.ts";

/** Names that stand for networks, as the HTTP server understands them. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
  uniquelocal: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};
/** Longer chains are made up. */
const MOST_HOPS = 32;

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Who is behind proxies (`http.trustedProxies`), for listeners that are not the HTTP server. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /** Names and networks that are none were refused by the HTTP server before; here they are left out. */
  constructor(trusted: readonly string[]) {
    for (const text of trusted.flatMap((name) => NAMED[name] ?? [name])) {
      const [address = "", bits] = text.split("/");
      if (isIP(address) === 0) continue;
      const family = familyOf(address);
      if (bits === undefined) this.#list.addAddress(address, family);
      else if (/^\d{1,3}$/.test(bits)) this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * The last address on the way here that is not a trusted proxy. `forwarded` is what the peer says of the way before
   * it, as in `X-Forwarded-For`; of an untrusted peer it is not looked at.
   */
  clientOf(peer: string, forwarded: string | undefined): string {
    let client = plainAddress(peer);
    const before = (forwarded ?? "").split(",", MOST_HOPS + 1).map((text) => text.trim());
    if (before.length > MOST_HOPS) return client;
    for (const address of before.toReversed()) {
      if (isIP(address) === 0 || !this.has(client)) return client;
      client = plainAddress(address);
    }
    return client;
  }

  has(peer: string): boolean {
    const address = plainAddress(peer);
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address));
  }
}
