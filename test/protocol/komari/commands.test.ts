import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorText, eventsOf, parseCommand } from "../../../src/protocol/komari/commands.ts";

const json = (value: unknown): string => JSON.stringify(value);

describe("commands of a Komari server", () => {
  it.each([
    [
      "exec, version 1",
      { message: "exec", command: "uptime", task_id: "Zk3" },
      { kind: "exec", taskId: "Zk3", command: "uptime" },
    ],
    [
      "exec, version 2",
      { jsonrpc: "2.0", method: "agent.exec", params: { task_id: "Zk3", command: "uptime" } },
      { kind: "exec", taskId: "Zk3", command: "uptime" },
    ],
    [
      "ping, version 1",
      { message: "ping", ping_task_id: 3, ping_type: "icmp", ping_target: "1.1.1.1" },
      { kind: "ping", taskId: 3, pingType: "icmp", target: "1.1.1.1" },
    ],
    [
      "ping without a message",
      { ping_task_id: 3, ping_type: "http", ping_target: "https://a" },
      { kind: "ping", taskId: 3, pingType: "http", target: "https://a" },
    ],
    [
      "terminal, version 1",
      { message: "terminal", request_id: "abc" },
      { kind: "terminal", requestId: "abc" },
    ],
    [
      "terminal, version 2",
      { jsonrpc: "2.0", method: "agent.terminal.request", params: { request_id: "abc" } },
      { kind: "terminal", requestId: "abc" },
    ],
    ["task 0, which is none", { ping_task_id: 0, ping_type: "tcp", ping_target: "a:1" }, undefined],
    [
      "an unknown kind of ping",
      { ping_task_id: 1, ping_type: "udp", ping_target: "a:1" },
      undefined,
    ],
    [
      "an endless identifier",
      { message: "exec", command: "x", task_id: "a".repeat(200) },
      undefined,
    ],
    ["a method of nobody", { jsonrpc: "2.0", method: "agent.destroy", params: {} }, undefined],
    [
      "a message for people",
      { jsonrpc: "2.0", method: "agent.message", params: { text: "x" } },
      undefined,
    ],
  ])("%s", (_, message, command) => {
    expect(parseCommand(json(message))).toEqual(command);
  });

  it("never fails on any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const command = parseCommand(text);
        expect(command === undefined || typeof command.kind === "string").toBe(true);
        expect(typeof (errorText(text) ?? "")).toBe("string");
      }),
    );
  });

  it("does not look into frames that are longer than any command", () => {
    const exec = (command: string) => json({ message: "exec", task_id: "t", command });
    expect(parseCommand(exec("x".repeat(64 * 1024)))).toMatchObject({ kind: "exec" });
    expect(parseCommand(exec("x".repeat(300 * 1024)))).toBeUndefined();
    expect(errorText(json({ error: "e", more: "x".repeat(300 * 1024) }))).toBeUndefined();
  });

  it("takes events with identifiers, known or not, and no endless list of them", () => {
    const ping = { ping_task_id: 1, ping_type: "tcp", ping_target: "a:1" };
    const events = [
      { id: "1", method: "agent.ping", params: ping },
      { id: "2", method: "agent.event", params: {} },
      { method: "agent.ping", params: ping },
      "nonsense",
    ];
    expect(eventsOf({ events }).map(({ id, command }) => [id, command?.kind])).toEqual([
      ["1", "ping"],
      ["2", undefined],
    ]);
    const many = Array.from({ length: 500 }, (_, index) => ({ id: String(index) }));
    expect(eventsOf({ events: many })).toHaveLength(128);
    expect(eventsOf({ events: "x" })).toEqual([]);
    expect(eventsOf(null)).toEqual([]);
  });

  it("finds the reason in the shapes that servers use", () => {
    expect(errorText(json({ status: "error", error: "Invalid JSON" }))).toBe("Invalid JSON");
    expect(errorText(json({ status: "error", message: "Unauthorized." }))).toBe("Unauthorized.");
    expect(errorText(json({ jsonrpc: "2.0", error: { code: -32601, message: "no" } }))).toBe("no");
    expect(errorText(json({ status: "error", error: {} }))).toBeUndefined();
    expect(errorText("<html>")).toBeUndefined();
  });
});
