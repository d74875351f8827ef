/** The few messages of a core's own API that a node needs (PasarGuard node 6.4). */
import {
  bool,
  bytes,
  int64,
  map,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint64,
} from "../protobuf/message.ts";
import type { Infer } from "../protobuf/message.ts";

/** A message of any type: full name without a prefix, and its bytes. */
export const TypedMessage = message("common.serial.TypedMessage", {
  type: string(1),
  value: bytes(2),
});
export type TypedMessage = Infer<typeof TypedMessage>;

export const CoreUser = message("common.protocol.User", {
  level: uint32(1),
  email: string(2),
  account: optional(3, TypedMessage),
});

export const AddUserOperation = message("app.proxyman.command.AddUserOperation", {
  user: optional(1, CoreUser),
});
export const RemoveUserOperation = message("app.proxyman.command.RemoveUserOperation", {
  email: string(1),
});

export const AlterInboundRequest = message("app.proxyman.command.AlterInboundRequest", {
  tag: string(1),
  operation: optional(2, TypedMessage),
});

export const SysStatsResponse = message("app.stats.command.SysStatsResponse", {
  numGoroutine: uint32(1),
  numGc: uint32(2),
  alloc: uint64(3),
  totalAlloc: uint64(4),
  sys: uint64(5),
  mallocs: uint64(6),
  frees: uint64(7),
  liveObjects: uint64(8),
  pauseTotalNs: uint64(9),
  uptime: uint32(10),
});
export type SysStats = Infer<typeof SysStatsResponse>;

export const QueryStatsRequest = message("app.stats.command.QueryStatsRequest", {
  pattern: string(1),
  reset: bool(2),
});
export const CoreStat = message("app.stats.command.Stat", { name: string(1), value: int64(2) });
export type CoreStat = Infer<typeof CoreStat>;
export const QueryStatsResponse = message("app.stats.command.QueryStatsResponse", {
  stat: repeated(1, CoreStat),
});

export const GetStatsRequest = message("app.stats.command.GetStatsRequest", {
  name: string(1),
  reset: bool(2),
});
export const GetStatsResponse = message("app.stats.command.GetStatsResponse", {
  stat: optional(1, CoreStat),
});
export const OnlineIpListResponse = message("app.stats.command.GetStatsOnlineIpListResponse", {
  name: string(1),
  ips: map(2, int64),
});

export const VmessAccount = message("proxy.vmess.Account", { id: string(1) });
export const VlessAccount = message("proxy.vless.Account", { id: string(1), flow: string(2) });
export const TrojanAccount = message("proxy.trojan.Account", { password: string(1) });
export const ShadowsocksAccount = message("proxy.shadowsocks.Account", {
  password: string(1),
  /** `SHADOWSOCKS_CIPHERS`. */
  cipherType: uint32(2),
});
export const Shadowsocks2022Account = message("proxy.shadowsocks_2022.Account", {
  key: string(1),
});
export const HysteriaAccount = message("proxy.hysteria.account.Account", { auth: string(1) });
