import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acknowledgedOf,
  readPingResult,
  readRpcRequest,
  readTaskResult,
  rpcErrorText,
  rpcResultText,
} from "../../../src/protocol/komari/agent-messages.ts";
import { parseCommand } from "../../../src/protocol/komari/commands.ts";
import { orderText } from "../../../src/protocol/komari/orders.ts";
import type { Order } from "../../../src/protocol/komari/orders.ts";

describe("the result of a ping", () => {
  it("is milliseconds, or a loss below zero", () => {
    expect(readPingResult({ task_id: 3, value: 24 })).toEqual({ task: 3, elapsedMs: 24 });
    expect(readPingResult({ task_id: 3, value: -1 })).toEqual({ task: 3, elapsedMs: undefined });
  });

  it.each([
    [{ task_id: "3", value: 1 }],
    [{ task_id: 3 }],
    [{ task_id: 1.5, value: 1 }],
    [[]],
    [null],
  ])("is none: %j", (value) => {
    expect(readPingResult(value)).toBeUndefined();
  });
});

describe("the result of a command", () => {
  it("has its output and exit code", () => {
    const result = { task_id: "abc", result: "0\n", exit_code: 0, finished_at: "" };
    expect(readTaskResult(result)).toEqual({ id: "abc", output: "0\n", exitCode: 0 });
    expect(readTaskResult({ task_id: "abc" })).toEqual({
      id: "abc",
      output: "",
      exitCode: undefined,
    });
  });

  it("is none without an identifier or with an output that is no text", () => {
    expect(readTaskResult({ result: "x" })).toBeUndefined();
    expect(readTaskResult({ task_id: "x".repeat(200), result: "" })).toBeUndefined();
    expect(readTaskResult({ task_id: "abc", result: 5 })).toBeUndefined();
  });
});

describe("a JSON-RPC request", () => {
  it("is read with its identifier, or as a notification", () => {
    expect(readRpcRequest({ jsonrpc: "2.0", id: "a", method: "m", params: { x: 1 } })).toEqual({
      id: "a",
      method: "m",
      params: { x: 1 },
      isVersion2: true,
    });
    expect(readRpcRequest({ method: 5, params: [] })).toEqual({
      id: undefined,
      method: "",
      params: {},
      isVersion2: false,
    });
    expect(readRpcRequest("x")).toBeUndefined();
  });

  it("is answered with its identifier where it has one", () => {
    expect(rpcResultText("a", {})).toBe('{"jsonrpc":"2.0","id":"a","result":{}}');
    expect(rpcErrorText(undefined, { code: -32_700, message: "parse error" })).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32700,"message":"parse error"}}',
    );
  });

  it("acknowledges only what are identifiers, and not endlessly many", () => {
    expect(acknowledgedOf({ ack_event_ids: ["a", 5, "b", "x".repeat(200)] })).toEqual(["a", "b"]);
    expect(acknowledgedOf({ ack_event_ids: "a".repeat(1000).split("") })).toHaveLength(256);
    expect(acknowledgedOf({ ack_event_ids: "a" })).toEqual([]);
  });
});

describe("an order", () => {
  const ping = { kind: "ping", task: 3, type: "icmp", target: "1.1.1.1" } as const;
  const command = { kind: "command", run: "Zk3", command: "uptime" } as const;
  const terminal = { kind: "terminal", stream: "0123" } as const;

  it("of version 1 is written as the original writes it", () => {
    expect(orderText(ping, 1)).toBe(
      '{"ping_task_id":3,"message":"ping","ping_type":"icmp","ping_target":"1.1.1.1"}',
    );
    expect(orderText(command, 1)).toBe('{"message":"exec","command":"uptime","task_id":"Zk3"}');
    expect(orderText(terminal, 1)).toBe('{"message":"terminal","request_id":"0123"}');
  });

  it("of version 2 is a notification, but a terminal is asked for as before", () => {
    expect(orderText(ping, 2)).toBe(
      '{"jsonrpc":"2.0","method":"agent.ping","params":{"ping_task_id":3,"ping_type":"icmp","ping_target":"1.1.1.1"}}',
    );
    expect(orderText(command, 2)).toBe(
      '{"jsonrpc":"2.0","method":"agent.exec","params":{"task_id":"Zk3","command":"uptime"}}',
    );
    expect(orderText(terminal, 2)).toBe(orderText(terminal, 1));
  });

  it("is understood by our own agent in either version", () => {
    const text = fc.string({ minLength: 1, maxLength: 100 });
    const orders: fc.Arbitrary<Order> = fc.oneof(
      fc.record({
        kind: fc.constant("ping" as const),
        task: fc.integer({ min: 1 }),
        type: fc.constantFrom("icmp" as const, "tcp" as const, "http" as const),
        target: text,
      }),
      fc.record({ kind: fc.constant("command" as const), run: text, command: fc.string() }),
      fc.record({ kind: fc.constant("terminal" as const), stream: text }),
    );
    fc.assert(
      fc.property(orders, fc.constantFrom(1 as const, 2 as const), (order, version) => {
        const kinds = { ping: "ping", command: "exec", terminal: "terminal" };
        expect(parseCommand(orderText(order, version))?.kind).toBe(kinds[order.kind]);
      }),
    );
  });
});
