/**
 * Messages of the PasarGuard node (PasarGuard node 2.1), package `service`, as version 0.5.2 has them; older ones
 * lack some fields, and no number was ever used twice. Names are those of the wire, in camel case.
 */
import {
  bool,
  double,
  int64,
  map,
  message,
  optional,
  repeated,
  repeatedStrings,
  string,
  uint32,
  uint64,
} from "../protobuf/message.ts";
import type { Infer } from "../protobuf/message.ts";

export const BackendType = { XRAY: 0, WIREGUARD: 1 } as const;

export const StatType = {
  Outbounds: 0,
  Outbound: 1,
  Inbounds: 2,
  Inbound: 3,
  UsersStat: 4,
  UserStat: 5,
} as const;

export const Empty = message("service.Empty", {});

export const BaseInfoResponse = message("service.BaseInfoResponse", {
  started: bool(1),
  coreVersion: string(2),
  nodeVersion: string(3),
});
export type BaseInfoResponse = Infer<typeof BaseInfoResponse>;

export const Vmess = message("service.Vmess", { id: string(1) });
export const Vless = message("service.Vless", { id: string(1), flow: string(2) });
export const Trojan = message("service.Trojan", { password: string(1) });
export const Shadowsocks = message("service.Shadowsocks", {
  password: string(1),
  method: string(2),
});
export const Wireguard = message("service.Wireguard", {
  publicKey: string(1),
  peerIps: repeatedStrings(2),
});
export const Hysteria = message("service.Hysteria", { auth: string(1) });

export const Proxies = message("service.Proxy", {
  vmess: optional(1, Vmess),
  vless: optional(2, Vless),
  trojan: optional(3, Trojan),
  shadowsocks: optional(4, Shadowsocks),
  wireguard: optional(5, Wireguard),
  hysteria: optional(6, Hysteria),
});
export type Proxies = Infer<typeof Proxies>;

export const User = message("service.User", {
  email: string(1),
  proxies: optional(2, Proxies),
  inbounds: repeatedStrings(3),
});
export type User = Infer<typeof User>;

export const Users = message("service.Users", { users: repeated(1, User) });
export type Users = Infer<typeof Users>;

export const UsersChunk = message("service.UsersChunk", {
  users: repeated(1, User),
  index: uint64(2),
  last: bool(3),
});
export type UsersChunk = Infer<typeof UsersChunk>;

export const Backend = message("service.Backend", {
  /** `BackendType`. */
  type: uint32(1),
  /** JSON text. */
  config: string(2),
  users: repeated(3, User),
  /** Seconds; 0 is off. */
  keepAlive: uint64(4),
  excludeInbounds: repeatedStrings(5),
});
export type Backend = Infer<typeof Backend>;

export const Log = message("service.Log", { detail: string(1) });
export type Log = Infer<typeof Log>;

export const Stat = message("service.Stat", {
  name: string(1),
  /** `uplink` or `downlink`. */
  type: string(2),
  /** `traffic`. */
  link: string(3),
  value: int64(4),
});
export type Stat = Infer<typeof Stat>;

export const StatResponse = message("service.StatResponse", { stats: repeated(1, Stat) });
export type StatResponse = Infer<typeof StatResponse>;

export const StatRequest = message("service.StatRequest", {
  name: string(1),
  reset: bool(2),
  /** `StatType`. */
  type: uint32(3),
});
export type StatRequest = Infer<typeof StatRequest>;

export const OnlineStatResponse = message("service.OnlineStatResponse", {
  name: string(1),
  value: int64(2),
});
export type OnlineStatResponse = Infer<typeof OnlineStatResponse>;

export const StatsOnlineIpListResponse = message("service.StatsOnlineIpListResponse", {
  name: string(1),
  /** Address to the Unix second it was last seen. */
  ips: map(2, int64),
});
export type StatsOnlineIpListResponse = Infer<typeof StatsOnlineIpListResponse>;

export const Latency = message("service.Latency", {
  name: string(1),
  alive: bool(2),
  /** Milliseconds. */
  delay: int64(3),
  link: string(4),
  /** Unix seconds. */
  lastSeenTime: int64(5),
  lastTryTime: int64(6),
  source: string(7),
});
export type Latency = Infer<typeof Latency>;

export const LatencyRequest = message("service.LatencyRequest", { name: string(1) });
export type LatencyRequest = Infer<typeof LatencyRequest>;

export const LatencyResponse = message("service.LatencyResponse", {
  latencies: repeated(1, Latency),
});
export type LatencyResponse = Infer<typeof LatencyResponse>;

export const BackendStatsResponse = message("service.BackendStatsResponse", {
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
export type BackendStatsResponse = Infer<typeof BackendStatsResponse>;

export const SystemStatsResponse = message("service.SystemStatsResponse", {
  memTotal: uint64(1),
  memUsed: uint64(2),
  cpuCores: uint64(3),
  /** Percent. */
  cpuUsage: double(4),
  /** Bytes per second. */
  incomingBandwidthSpeed: uint64(5),
  outgoingBandwidthSpeed: uint64(6),
  /** Seconds since the core started. */
  uptime: uint64(7),
});
export type SystemStatsResponse = Infer<typeof SystemStatsResponse>;
