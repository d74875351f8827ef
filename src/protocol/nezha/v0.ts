// Field numbers of dashboards and agents up to v0.20 (Nezha facts 1.2).
import { createCodec, double, firstDouble, messages, text, texts, uint64 } from "./codec.ts";
import { EMPTY_HOST, EMPTY_STATE } from "./messages.ts";
import type { NezhaGeoIpLookup, NezhaHost, NezhaState } from "./messages.ts";
import { temperatureCodec } from "./shared.ts";

export const hostCodecV0 = createCodec<NezhaHost>(EMPTY_HOST, {
  platform: text(1),
  platformVersion: text(2),
  cpu: texts(3),
  memTotal: uint64(4),
  diskTotal: uint64(5),
  swapTotal: uint64(6),
  arch: text(7),
  virtualization: text(8),
  bootTime: uint64(9),
  ip: text(10),
  countryCode: text(11),
  version: text(12),
  gpu: texts(13),
});

export const stateCodecV0 = createCodec<NezhaState>(EMPTY_STATE, {
  cpu: double(1),
  memUsed: uint64(3),
  swapUsed: uint64(4),
  diskUsed: uint64(5),
  netInTransfer: uint64(6),
  netOutTransfer: uint64(7),
  netInSpeed: uint64(8),
  netOutSpeed: uint64(9),
  uptime: uint64(10),
  load1: double(11),
  load5: double(12),
  load15: double(13),
  tcpConnCount: uint64(14),
  udpConnCount: uint64(15),
  processCount: uint64(16),
  temperatures: messages(17, temperatureCodec),
  gpu: firstDouble(18),
});

export const geoIpCodecV0 = createCodec<NezhaGeoIpLookup>(
  { ip: "", countryCode: "" },
  { ip: text(1), countryCode: text(2) },
);
