import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { attachFrame } from "../../../src/protocol/nezha/io-stream.ts";
import { EMPTY_GEO_IP, EMPTY_TASK_RESULT } from "../../../src/protocol/nezha/messages.ts";
import type { NezhaState } from "../../../src/protocol/nezha/messages.ts";
import {
  bootReceiptCodec,
  ioDataCodec,
  receiptCodec,
  taskCodec,
  taskResultCodec,
} from "../../../src/protocol/nezha/shared.ts";
import { stateCodecV0 } from "../../../src/protocol/nezha/v0.ts";
import { geoIpCodecV1, stateCodecV1 } from "../../../src/protocol/nezha/v1.ts";

// Made with another protobuf implementation (Nezha facts 1.2).

const GIB = 2 ** 30;
const STATE: NezhaState = {
  cpu: 12.5,
  memUsed: GIB,
  swapUsed: 0,
  diskUsed: 20 * GIB,
  netInTransfer: 1000,
  netOutTransfer: 2000,
  netInSpeed: 300,
  netOutSpeed: 400,
  uptime: 86_400,
  load1: 0.5,
  load5: 0.25,
  load15: 0.125,
  tcpConnCount: 20,
  udpConnCount: 5,
  processCount: 120,
  temperatures: [{ name: "coretemp_core_0", temperature: 45.5 }],
  gpu: [7.5],
};
const STATE_V0 =
  "09000000000000294018808080800428808080805030e80738d00f40ac024890035080a30559000000000000e03f61000000000000d03f69000000000000c03f701478058001788a011a0a0f636f726574656d705f636f72655f30110000000000c0464091010000000000001e40";
const STATE_V1 =
  "09000000000000294010808080800420808080805028e80730d00f38ac024090034880a30551000000000000e03f59000000000000d03f61000000000000c03f68147005787882011a0a0f636f726574656d705f636f72655f30110000000000c046408a01100000000000001e400000000000000000";

const hex = (bytes: Uint8Array): string => toHex(bytes).replaceAll(" ", "");

describe("Nezha messages, as other implementations write them", () => {
  it("writes and reads a v0 state", () => {
    expect(hex(stateCodecV0.encode(STATE))).toBe(STATE_V0);
    expect(stateCodecV0.decode(fromHex(STATE_V0))).toEqual(STATE);
  });

  it("writes and reads a v1 state with the load of two GPUs", () => {
    const state = { ...STATE, gpu: [7.5, 0] };
    expect(hex(stateCodecV1.encode(state))).toBe(STATE_V1);
    expect(stateCodecV1.decode(fromHex(STATE_V1))).toEqual(state);
  });

  it("reads the numbers of v1 as plausible nonsense with the table of v0", () => {
    const withoutGpu = stateCodecV1.encode({ ...STATE, gpu: [] });
    const { swapUsed, diskUsed } = stateCodecV0.decode(withoutGpu);
    expect([swapUsed, diskUsed]).toEqual([20 * GIB, 1000]);
  });

  it("writes and reads receipts", () => {
    expect(hex(receiptCodec.encode({ proced: true }))).toBe("0801");
    expect(receiptCodec.decode(fromHex("0801"))).toEqual({ proced: true });
    expect(hex(bootReceiptCodec.encode({ data: 1_700_000_100 }))).toBe("08e4e2cfaa06");
    expect(bootReceiptCodec.decode(fromHex("08e4e2cfaa06"))).toEqual({ data: 1_700_000_100 });
  });

  it("writes and reads tasks and their results", () => {
    expect(hex(taskCodec.encode({ id: 0, type: 7, data: "" }))).toBe("1007");
    const probe = { id: 3, type: 3, data: "example.com:443" };
    expect(hex(taskCodec.encode(probe))).toBe("080310031a0f6578616d706c652e636f6d3a343433");
    expect(taskCodec.decode(fromHex("080310031a0f6578616d706c652e636f6d3a343433"))).toEqual(probe);
    const result = { ...EMPTY_TASK_RESULT, id: 3, type: 3, delay: 12.5, successful: true };
    expect(hex(taskResultCodec.encode(result))).toBe("080310031d000048412801");
    expect(taskResultCodec.decode(fromHex("080310031d000048412801"))).toEqual(result);
  });

  it("writes the first frame of a stream", () => {
    expect(hex(ioDataCodec.encode({ data: attachFrame("ab") }))).toBe("0a06ff05ff056162");
  });

  it("writes a GeoIP report and reads its answer", () => {
    const report = {
      ...EMPTY_GEO_IP,
      use6: true,
      ip: { ipv4: "203.0.113.1", ipv6: "2001:db8::1" },
    };
    expect(hex(geoIpCodecV1.encode(report))).toBe(
      "0801121a0a0b3230332e302e3131332e31120b323030313a6462383a3a31",
    );
    expect(geoIpCodecV1.decode(fromHex("1a02757320e4e2cfaa06"))).toEqual({
      ...EMPTY_GEO_IP,
      countryCode: "us",
      dashboardBootTime: 1_700_000_100,
    });
  });
});
