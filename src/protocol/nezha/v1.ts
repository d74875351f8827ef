// Field numbers of dashboards and agents from v1.0 on, v2 included (Nezha facts 1.2).
import { bool, double, message, repeated, repeatedStrings, string } from "../protobuf/message.ts";
import { codecOf, counter, packedDoubles, part } from "./codec.ts";
import { EMPTY_GEO_IP, EMPTY_HOST, EMPTY_STATE, NO_ADDRESSES } from "./messages.ts";
import type { NezhaAddresses, NezhaGeoIp, NezhaHost, NezhaState } from "./messages.ts";
import { temperatureType } from "./shared.ts";

export const hostCodecV1 = codecOf<NezhaHost>(
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
    version: string(10),
    gpu: repeatedStrings(11),
  }),
);

export const stateCodecV1 = codecOf<NezhaState>(
  EMPTY_STATE,
  message("proto.State", {
    cpu: double(1),
    memUsed: counter(2),
    swapUsed: counter(3),
    diskUsed: counter(4),
    netInTransfer: counter(5),
    netOutTransfer: counter(6),
    netInSpeed: counter(7),
    netOutSpeed: counter(8),
    uptime: counter(9),
    load1: double(10),
    load5: double(11),
    load15: double(12),
    tcpConnCount: counter(13),
    udpConnCount: counter(14),
    processCount: counter(15),
    temperatures: repeated(16, temperatureType),
    gpu: packedDoubles(17),
  }),
);

const addressesCodec = codecOf<NezhaAddresses>(
  NO_ADDRESSES,
  message("proto.IP", {
    ipv4: string(1),
    ipv6: string(2),
  }),
);

export const geoIpCodecV1 = codecOf<NezhaGeoIp>(
  EMPTY_GEO_IP,
  message("proto.GeoIP", {
    use6: bool(1),
    ip: part(2, addressesCodec, NO_ADDRESSES),
    countryCode: string(3),
    dashboardBootTime: counter(4),
  }),
);
