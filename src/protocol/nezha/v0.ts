// Field numbers of dashboards and agents up to v0.20 (Nezha facts 1.2).
import { double, message, repeated, repeatedStrings, string } from "../protobuf/message.ts";
import { codecOf, counter, firstDouble } from "./codec.ts";
import { EMPTY_HOST, EMPTY_STATE } from "./messages.ts";
import type { NezhaGeoIpLookup, NezhaHost, NezhaState } from "./messages.ts";
import { temperatureType } from "./shared.ts";

export const hostCodecV0 = codecOf<NezhaHost>(
  EMPTY_HOST,
  message("proto.Host", {
    platform: string(1),
    platformVersion: string(2),
    cpu: repeatedStrings(3),
    memTotal: counter(4),
    diskTotal: counter(5),
    swapTotal: counter(6),
    arch: string(7),
    virtualization: string(8),
    bootTime: counter(9),
    ip: string(10),
    countryCode: string(11),
    version: string(12),
    gpu: repeatedStrings(13),
  }),
);

export const stateCodecV0 = codecOf<NezhaState>(
  EMPTY_STATE,
  message("proto.State", {
    cpu: double(1),
    memUsed: counter(3),
    swapUsed: counter(4),
    diskUsed: counter(5),
    netInTransfer: counter(6),
    netOutTransfer: counter(7),
    netInSpeed: counter(8),
    netOutSpeed: counter(9),
    uptime: counter(10),
    load1: double(11),
    load5: double(12),
    load15: double(13),
    tcpConnCount: counter(14),
    udpConnCount: counter(15),
    processCount: counter(16),
    temperatures: repeated(17, temperatureType),
    gpu: firstDouble(18),
  }),
);

export const geoIpCodecV0 = codecOf<NezhaGeoIpLookup>(
  { ip: "", countryCode: "" },
  message("proto.GeoIP", { ip: string(1), countryCode: string(2) }),
);
