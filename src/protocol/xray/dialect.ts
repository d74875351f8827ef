/**
 * Cores that descend from V2Ray have one API under two names: Xray says `xray.`, V2Ray 4 says `v2ray.core.`
 * (PasarGuard node 6.4 and 9.1).
 */
import {
  AddUserOperation,
  AlterInboundRequest,
  HysteriaAccount,
  RemoveUserOperation,
  Shadowsocks2022Account,
  ShadowsocksAccount,
  TrojanAccount,
  VlessAccount,
  VmessAccount,
} from "./messages.ts";
import type { TypedMessage } from "./messages.ts";
import type { MessageType } from "../protobuf/message.ts";

export type CoreFamily = "xray" | "v2ray";

export interface CoreVersion {
  readonly family: CoreFamily;
  /** `26.3.27`. */
  readonly version: string;
}

const PREFIX: Readonly<Record<CoreFamily, string>> = { xray: "xray.", v2ray: "v2ray.core." };

/** What a core says about itself: the first line that begins with its name and three numbers. */
export function parseCoreVersion(output: string): CoreVersion | undefined {
  const match = /^(Xray|V2Ray) v?(\d+\.\d+\.\d+)/m.exec(output);
  if (match === null) return undefined;
  const [, name, version = ""] = match;
  return { family: name === "Xray" ? "xray" : "v2ray", version };
}

/** The gRPC path of a method of `HandlerService` or `StatsService`. */
export function corePath(
  family: CoreFamily,
  service: "HandlerService" | "StatsService",
  method: string,
): string {
  const folder = service === "HandlerService" ? "app.proxyman.command" : "app.stats.command";
  return `/${PREFIX[family]}${folder}.${service}/${method}`;
}

/** How a user proves who they are to one kind of inbound. */
export type Account =
  | { readonly kind: "vmess"; readonly id: string }
  | { readonly kind: "vless"; readonly id: string; readonly flow: string }
  | { readonly kind: "trojan"; readonly password: string }
  | { readonly kind: "shadowsocks"; readonly password: string; readonly method: string }
  | { readonly kind: "shadowsocks-2022"; readonly key: string }
  | { readonly kind: "hysteria"; readonly auth: string };

/** Numbers of the ciphers of classic shadowsocks; each name is also the one of the JSON configuration. */
export const SHADOWSOCKS_CIPHERS: ReadonlyMap<string, number> = new Map([
  ["aes-128-gcm", 5],
  ["aes-256-gcm", 6],
  ["chacha20-poly1305", 7],
  ["chacha20-ietf-poly1305", 7],
  ["xchacha20-poly1305", 8],
  ["xchacha20-ietf-poly1305", 8],
  ["none", 9],
]);
const NO_CIPHER = 9;

function typed<T>(family: CoreFamily, type: MessageType<T>, value: Partial<T>): TypedMessage {
  return { type: PREFIX[family] + type.name, value: type.encode(value) };
}

function typedAccount(family: CoreFamily, account: Account): TypedMessage {
  switch (account.kind) {
    case "vmess":
      return typed(family, VmessAccount, { id: account.id });
    case "vless":
      return typed(family, VlessAccount, { id: account.id, flow: account.flow });
    case "trojan":
      return typed(family, TrojanAccount, { password: account.password });
    case "shadowsocks":
      return typed(family, ShadowsocksAccount, {
        password: account.password,
        cipherType: SHADOWSOCKS_CIPHERS.get(account.method) ?? NO_CIPHER,
      });
    case "shadowsocks-2022":
      return typed(family, Shadowsocks2022Account, { key: account.key });
    case "hysteria":
      return typed(family, HysteriaAccount, { auth: account.auth });
  }
}

/** The body of `AlterInbound` that adds a user. */
export function addUserRequest(
  family: CoreFamily,
  tag: string,
  email: string,
  account: Account,
): Uint8Array {
  const user = { level: 0, email, account: typedAccount(family, account) };
  return AlterInboundRequest.encode({ tag, operation: typed(family, AddUserOperation, { user }) });
}

/** The body of `AlterInbound` that removes a user. */
export function removeUserRequest(family: CoreFamily, tag: string, email: string): Uint8Array {
  return AlterInboundRequest.encode({
    tag,
    operation: typed(family, RemoveUserOperation, { email }),
  });
}
