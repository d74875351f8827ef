/** Who may use which inbound, and how they prove it (PasarGuard node 3.3 and 4.3). */
import { createHash } from "node:crypto";
import { normalizeUuid } from "../protocol/pasarguard/api-key.ts";
import type { Proxies } from "../protocol/pasarguard/messages.ts";
import type { CoreInbound } from "../protocol/xray/config.ts";
import { SHADOWSOCKS_CIPHERS } from "../protocol/xray/dialect.ts";
import type { Account } from "../protocol/xray/dialect.ts";

const SHORT_KEY = 16;
const LONG_KEY = 32;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function isShadowsocks2022(method: string): boolean {
  return method.startsWith("2022-blake3");
}

/** The key of a user: the password when it is one of the right length, else one derived from it. */
function shadowsocksKey(password: string, method: string): string {
  const length = method.includes("aes-128-gcm") ? SHORT_KEY : LONG_KEY;
  if (BASE64.test(password) && Buffer.from(password, "base64").length === length) return password;
  return createHash("sha256").update(password).digest().subarray(0, length).toString("base64");
}

function shadowsocksAccount(
  user: NonNullable<Proxies["shadowsocks"]>,
  inbound: CoreInbound,
): Account | undefined {
  const { password, method } = user;
  if (isShadowsocks2022(inbound.method)) {
    return { kind: "shadowsocks-2022", key: shadowsocksKey(password, inbound.method) };
  }
  const cipher = [method, inbound.method].find((name) => SHADOWSOCKS_CIPHERS.has(name));
  return cipher === undefined ? undefined : { kind: "shadowsocks", password, method: cipher };
}

type AccountOf = (proxies: Proxies, inbound: CoreInbound) => Account | undefined;

const ACCOUNTS: Readonly<Record<string, AccountOf>> = {
  vmess({ vmess }) {
    const id = normalizeUuid(vmess?.id ?? "");
    return id === undefined ? undefined : { kind: "vmess", id };
  },
  vless({ vless }) {
    const id = normalizeUuid(vless?.id ?? "");
    return id === undefined ? undefined : { kind: "vless", id, flow: vless?.flow ?? "" };
  },
  trojan({ trojan }) {
    return trojan?.password ? { kind: "trojan", password: trojan.password } : undefined;
  },
  shadowsocks({ shadowsocks }, inbound) {
    return shadowsocks?.password ? shadowsocksAccount(shadowsocks, inbound) : undefined;
  },
  hysteria({ hysteria }) {
    return hysteria?.auth ? { kind: "hysteria", auth: hysteria.auth } : undefined;
  },
};

/** Whether inbounds of this protocol have users. */
export function hasUsers({ protocol }: CoreInbound): boolean {
  return Object.hasOwn(ACCOUNTS, protocol);
}

/**
 * The account with which a user may use an inbound; undefined when they have none of its kind or an unusable one.
 * Stricter than the stock node in two cases, because panels send a part for every kind, also an empty one: an empty
 * secret would let everybody in, and a cipher that no core knows would keep the whole core from starting.
 */
export function accountFor(inbound: CoreInbound, proxies: Proxies): Account | undefined {
  return hasUsers(inbound) ? ACCOUNTS[inbound.protocol]?.(proxies, inbound) : undefined;
}

/** The account as the core's API gets it: a flow of the inbound is stronger than the user's own. */
export function liveAccount(inbound: CoreInbound, account: Account): Account {
  return account.kind === "vless" && inbound.flow !== ""
    ? { ...account, flow: inbound.flow }
    : account;
}

/** The entry of `settings.clients`. */
export function clientEntry(email: string, account: Account): Readonly<Record<string, unknown>> {
  const who = { email, level: 0 };
  switch (account.kind) {
    case "vmess":
      return { ...who, id: account.id };
    case "vless":
      return { ...who, id: account.id, flow: account.flow };
    case "trojan":
      return { ...who, password: account.password };
    case "shadowsocks":
      return { ...who, password: account.password, method: account.method };
    case "shadowsocks-2022":
      return { ...who, password: account.key };
    case "hysteria":
      return { ...who, auth: account.auth };
  }
}

/** Whether two accounts are the same to a core. */
export function isSameAccount(left: Account, right: Account): boolean {
  if (left.kind !== right.kind) return false;
  return JSON.stringify(left) === JSON.stringify(right);
}
