// Field numbers of dashboards and agents from v1.0 on, v2 included (Nezha facts 1.2).
import { bool, createCodec, double, doubles, message, messages } from "./codec.ts";
import { text, texts, uint64 } from "./codec.ts";
import { EMPTY_GEO_IP, EMPTY_HOST, EMPTY_STATE, NO_ADDRESSES } from "./messages.ts";
import type { NezhaAddresses, NezhaGeoIp, NezhaHost, NezhaState } from "./messages.ts";
import { temperatureCodec } from "./shared.ts";

export const hostCodecV1 = createCodec<NezhaHost>(EMPTY_HOST, {
  platform: text(1),
  platformVersion: text(2),
  cpu: texts(3),
  memTotal: uint64(4),
  diskTotal: uint64(5),
  swapTotal: uint64(6),
  arch: text(7),
  virtualization: text(8),
  bootTime: uint64(9),
  version: text(10),
  gpu: texts(11),
});

export const stateCodecV1 = createCodec<NezhaState>(EMPTY_STATE, {
  cpu: double(1),
  memUsed: uint64(2),
  swapUsed: uint64(3),
  diskUsed: uint64(4),
  netInTransfer: uint64(5),
  netOutTransfer: uint64(6),
  netInSpeed: uint64(7),
  netOutSpeed: uint64(8),
  uptime: uint64(9),
  load1: double(10),
  load5: double(11),
  load15: double(12),
  tcpConnCount: uint64(13),
  udpConnCount: uint64(14),
  processCount: uint64(15),
  temperatures: messages(16, temperatureCodec),
  gpu: doubles(17),
});

const addressesCodec = createCodec<NezhaAddresses>(NO_ADDRESSES, {
  ipv4: text(1),
  ipv6: text(2),
});

export const geoIpCodecV1 = createCodec<NezhaGeoIp>(EMPTY_GEO_IP, {
  use6: bool(1),
  ip: message(2, addressesCodec),
  countryCode: text(3),
  dashboardBootTime: uint64(4),
});
