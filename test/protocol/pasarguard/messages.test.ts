import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import * as messages from "../../../src/protocol/pasarguard/messages.ts";
import type { MessageType } from "../../../src/protocol/protobuf/message.ts";

interface Vector {
  readonly hex: string;
  readonly value: unknown;
  readonly decoded: () => unknown;
  readonly encoded: () => string;
}

function vector<T>(type: MessageType<T>, hex: string, value: T): Vector {
  return {
    hex,
    value,
    decoded: () => type.decode(fromHex(hex)),
    encoded: () => toHex(type.encode(value)).replaceAll(" ", ""),
  };
}

// Bytes as Google's protobuf for Python writes them, with the published definitions of the node.
const VECTORS: Readonly<Record<string, Vector>> = {
  Backend: vector(
    messages.Backend,
    "080112027b7d1a310a02343212270a030a016912060a016a1201661a030a017422060a017012016d2a060a016b12017832030a01681a02696e203c2a01612a0162",
    {
      type: messages.BackendType.WIREGUARD,
      config: "{}",
      users: [
        {
          email: "42",
          proxies: {
            vmess: { id: "i" },
            vless: { id: "j", flow: "f" },
            trojan: { password: "t" },
            shadowsocks: { password: "p", method: "m" },
            wireguard: { publicKey: "k", peerIps: ["x"] },
            hysteria: { auth: "h" },
          },
          inbounds: ["in"],
        },
      ],
      keepAlive: 60n,
      excludeInbounds: ["a", "b"],
    },
  ),
  StatResponse: vector(
    messages.StatResponse,
    "0a1b0a016e120675706c696e6b1a0774726166666963208080808080200a0e0a016d20ffffffffffffffffff01",
    {
      stats: [
        { name: "n", type: "uplink", link: "traffic", value: 2n ** 40n },
        { name: "m", type: "", link: "", value: -1n },
      ],
    },
  ),
  StatRequest: vector(messages.StatRequest, "0a017810011805", {
    name: "x",
    reset: true,
    type: messages.StatType.UserStat,
  }),
  StatsOnlineIpListResponse: vector(
    messages.StatsOnlineIpListResponse,
    "0a017812110a093139322e302e322e311080e2cfaa06",
    { name: "x", ips: new Map([["192.0.2.1", 1_700_000_000n]]) },
  ),
  LatencyResponse: vector(messages.LatencyResponse, "0a110a01641001180c22016c280330043a0173", {
    latencies: [
      {
        name: "d",
        alive: true,
        delay: 12n,
        link: "l",
        lastSeenTime: 3n,
        lastTryTime: 4n,
        source: "s",
      },
    ],
  }),
  BackendStatsResponse: vector(
    messages.BackendStatsResponse,
    "080110021803200428053006380740084809500a",
    {
      numGoroutine: 1,
      numGc: 2,
      alloc: 3n,
      totalAlloc: 4n,
      sys: 5n,
      mallocs: 6n,
      frees: 7n,
      liveObjects: 8n,
      pauseTotalNs: 9n,
      uptime: 10,
    },
  ),
  SystemStatsResponse: vector(
    messages.SystemStatsResponse,
    "08808080802010021804210000000000002940280530063807",
    {
      memTotal: 2n ** 33n,
      memUsed: 2n,
      cpuCores: 4n,
      cpuUsage: 12.5,
      incomingBandwidthSpeed: 5n,
      outgoingBandwidthSpeed: 6n,
      uptime: 7n,
    },
  ),
  UsersChunk: vector(messages.UsersChunk, "0a030a013110ac021801", {
    users: [{ email: "1", proxies: undefined, inbounds: [] }],
    index: 300n,
    last: true,
  }),
  BaseInfoResponse: vector(messages.BaseInfoResponse, "0801120632362e312e321a05302e352e32", {
    started: true,
    coreVersion: "26.1.2",
    nodeVersion: "0.5.2",
  }),
  OnlineStatResponse: vector(messages.OnlineStatResponse, "0a01781002", { name: "x", value: 2n }),
  Log: vector(messages.Log, "0a046c696e65", { detail: "line" }),
};

describe("messages of the PasarGuard node", () => {
  it.each(Object.entries(VECTORS))(
    "%s is what the panel's library writes and reads",
    (_name, { hex, value, decoded, encoded }) => {
      expect(decoded()).toEqual(value);
      expect(encoded()).toBe(hex);
    },
  );

  it("read older requests, which lack the later fields", () => {
    expect(messages.Backend.decode(fromHex("12 02 7b7d 20 3c"))).toEqual({
      type: messages.BackendType.XRAY,
      config: "{}",
      users: [],
      keepAlive: 60n,
      excludeInbounds: [],
    });
  });

  it("read newer requests, with proxies of kinds to come", () => {
    expect(messages.Proxies.decode(fromHex("3a 03 0a 01 70")).vmess).toBeUndefined();
  });
});
