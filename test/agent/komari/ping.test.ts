import { describe, expect, it } from "vitest";
import { answerPing } from "../../../src/agent/komari/ping.ts";
import { ProbeFailedError } from "../../../src/agent/task-errors.ts";
import type { ProbeRequest, Probes } from "../../../src/agent/tasks.ts";
import type { KomariPingType } from "../../../src/protocol/komari/commands.ts";

/** Answers with the times in turn; undefined is no answer. */
function probesOf(times: readonly (number | undefined)[], status?: number) {
  const requests: ProbeRequest[] = [];
  const probes: Probes = {
    run(request) {
      const elapsedMs = times[requests.length];
      requests.push(request);
      if (elapsedMs === undefined) return Promise.reject(new ProbeFailedError("lost"));
      return Promise.resolve({ elapsedMs, ...(status === undefined ? {} : { status }) });
    },
  };
  return { probes, requests };
}

const never = new AbortController().signal;
const command = (pingType: KomariPingType, target = "host.example:443") =>
  ({ kind: "ping", taskId: 1, pingType, target }) as const;

describe("answer to a ping task", () => {
  it.each([
    ["rounds to whole milliseconds", "icmp", [0.4], 0],
    ["is -1 for what is lost", "icmp", [undefined], -1],
    ["takes a slow answer only when it stays the best of a few", "icmp", [1500, 1400, 900], 900],
    ["gives up on a target that stays slow", "icmp", [1500, 1400, 1300, 1200], -1],
    ["counts a retransmission of TCP as a loss", "tcp", [1900, 40], -1],
    ["does not take other slow answers of TCP for one", "tcp", [1200, 500], 500],
    ["goes on after a loss among the repetitions", "icmp", [1100, undefined, 300], 300],
  ] as const)("%s", async (_, kind, times, value) => {
    const { probes } = probesOf(times);
    expect(await answerPing(probes, command(kind), never)).toBe(value);
  });

  it.each([
    [200, 5],
    [302, 5],
    [399, 5],
    [404, -1],
    [500, -1],
    [101, -1],
  ])("judges status %i of a web server", async (status, value) => {
    const { probes } = probesOf([5], status);
    expect(await answerPing(probes, command("http", "host.example/x"), never)).toBe(value);
  });

  it("asks for what the target means", async () => {
    const { probes, requests } = probesOf([1, 1, 1, 1]);
    await answerPing(probes, command("icmp", "10.0.0.1:8080"), never);
    await answerPing(probes, command("tcp", "host.example"), never);
    await answerPing(probes, command("tcp", "[2001:db8::1]:22"), never);
    await answerPing(probes, command("http", "host.example/x"), never);
    expect(requests).toEqual([
      { kind: "icmp", host: "10.0.0.1" },
      { kind: "tcp", host: "host.example", port: 80 },
      { kind: "tcp", host: "2001:db8::1", port: 22 },
      { kind: "http", url: "http://host.example/x" },
    ]);
  });

  it("does not even try what is no target", async () => {
    const { probes, requests } = probesOf([1]);
    expect(await answerPing(probes, command("tcp", "a b"), never)).toBe(-1);
    expect(await answerPing(probes, command("http", "file:///etc/passwd"), never)).toBe(-1);
    expect(requests).toEqual([]);
  });
});
