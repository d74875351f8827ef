import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cpuUsage,
  goArchitecture,
  gpuNameList,
  loadFigure,
  whole,
} from "../../../src/protocol/komari/report.ts";
import { parseHostTarget, parseWebTarget } from "../../../src/protocol/komari/ping-target.ts";
import { parseRpcAnswer, rpcText } from "../../../src/protocol/komari/rpc.ts";

describe("figures of a report", () => {
  it("are always within what a server accepts", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(Number.isSafeInteger(whole(value)) && whole(value) >= 0).toBe(true);
        expect(cpuUsage(value)).toBeGreaterThanOrEqual(0.001);
        expect(cpuUsage(value)).toBeLessThanOrEqual(100);
        expect(loadFigure(value)).toBeGreaterThanOrEqual(0);
        expect(loadFigure(value)).toBeLessThanOrEqual(1000);
      }),
    );
  });

  it("name graphics devices as the stock agent does", () => {
    expect(gpuNameList([])).toBe("None");
    expect(gpuNameList(["A", "B", "A"])).toBe("A × 2, B");
  });

  it.each([
    ["x86_64", "amd64"],
    ["aarch64", "arm64"],
    ["armv6l", "arm"],
    ["armv7l", "arm"],
    ["i686", "386"],
    ["riscv64", "riscv64"],
    ["loongarch64", "loong64"],
  ])("name the architecture %s as %s", (machine, name) => {
    expect(goArchitecture(machine)).toBe(name);
  });
});

describe("targets of pings", () => {
  it.each([
    ["host.example", { host: "host.example", port: 80 }],
    [" host.example:443 ", { host: "host.example", port: 443 }],
    ["[2001:db8::1]:22", { host: "2001:db8::1", port: 22 }],
    ["[2001:db8::1]", { host: "2001:db8::1", port: 80 }],
    ["2001:db8::1", { host: "2001:db8::1", port: 80 }],
    ["host.example:0", undefined],
    ["host.example:70000", undefined],
    ["a b", undefined],
    ["", undefined],
  ])("%s", (text, target) => {
    expect(parseHostTarget(text)).toEqual(target);
  });

  it.each([
    ["host.example/x", "http://host.example/x"],
    ["https://host.example", "https://host.example/"],
    ["ftp://host.example", undefined],
    ["http://", undefined],
  ])("web: %s", (text, target) => {
    expect(parseWebTarget(text)).toBe(target);
  });
});

describe("JSON-RPC", () => {
  it("writes notifications without an id", () => {
    const params = { capabilities: ["ping"], ack_event_ids: ["a"] };
    expect(JSON.parse(rpcText("agent.pull", params))).toEqual({
      jsonrpc: "2.0",
      method: "agent.pull",
      params,
    });
    expect(JSON.parse(rpcText("agent.pull", params, "pull-1"))).toMatchObject({ id: "pull-1" });
  });

  it("tells results, errors and foreign answers apart", () => {
    expect(parseRpcAnswer('{"jsonrpc":"2.0","result":{"status":"success"}}')).toEqual({
      kind: "result",
      result: { status: "success" },
    });
    expect(parseRpcAnswer('{"jsonrpc":"2.0","error":{"code":-32601,"message":"no"}}')).toEqual({
      kind: "error",
      code: -32601,
      message: "no",
    });
    expect(parseRpcAnswer("<html>").kind).toBe("foreign");
    expect(parseRpcAnswer('{"status":"success"}').kind).toBe("foreign");
  });
});
