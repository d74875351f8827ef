import { describe, expect, it } from "vitest";
import { runProbeTask } from "../../../src/agent/nezha/probes.ts";
import { ProbeDeniedError, ProbeFailedError } from "../../../src/agent/task-errors.ts";
import type { ProbeOptions, ProbeRequest, ProbeResult, Probes } from "../../../src/agent/tasks.ts";
import type { NezhaTaskResult } from "../../../src/protocol/nezha/messages.ts";
import { TASK_TYPE } from "../../../src/protocol/nezha/service.ts";
import { fakeClock } from "../../support/fake-clock.ts";

interface Asked {
  readonly request: ProbeRequest;
  readonly options: ProbeOptions;
}

function probesOf(answer: (round: number) => ProbeResult): Probes & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    run(request, options) {
      asked.push({ request, options });
      try {
        return Promise.resolve(answer(asked.length));
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

const run = (type: number, data: string, probes: Probes): Promise<NezhaTaskResult> =>
  runProbeTask(
    { id: 9, type, data },
    { probes, clock: fakeClock(), signal: new AbortController().signal },
  );

describe("probe tasks of a Nezha dashboard", () => {
  it("connects to a host and port, IPv6 addresses in brackets", async () => {
    const probes = probesOf(() => ({ elapsedMs: 3.5 }));
    expect(await run(TASK_TYPE.tcpPing, "example.com:443", probes)).toEqual({
      id: 9,
      type: TASK_TYPE.tcpPing,
      delay: 3.5,
      data: "",
      successful: true,
    });
    await run(TASK_TYPE.tcpPing, "[2001:db8::1]:22", probes);
    expect(probes.asked.map(({ request }) => request)).toEqual([
      { kind: "tcp", host: "example.com", port: 443 },
      { kind: "tcp", host: "2001:db8::1", port: 22 },
    ]);
  });

  it("answers a target that is none instead of staying silent", async () => {
    const probes = probesOf(() => ({ elapsedMs: 1 }));
    for (const target of ["", "example.com", "example.com:0", "a:b:c", "example.com:70000"]) {
      const result = await run(TASK_TYPE.tcpPing, target, probes);
      expect(result).toMatchObject({ id: 9, successful: false, delay: 0 });
    }
    expect(probes.asked).toHaveLength(0);
  });

  it("averages the echoes that come back", async () => {
    const clock = fakeClock();
    const probes = probesOf((round) => {
      if (round === 2) throw new ProbeFailedError("no answer");
      return { elapsedMs: round };
    });
    const running = runProbeTask(
      { id: 9, type: TASK_TYPE.icmpPing, data: "example.com" },
      { probes, clock, signal: new AbortController().signal },
    );
    await clock.advance(4000);
    expect(await running).toMatchObject({ delay: (1 + 3 + 4 + 5) / 4, successful: true });
  });

  it("fails when no echo comes back", async () => {
    const clock = fakeClock();
    const probes = probesOf(() => {
      throw new ProbeFailedError("no answer");
    });
    const running = runProbeTask(
      { id: 9, type: TASK_TYPE.icmpPing, data: "example.com" },
      { probes, clock, signal: new AbortController().signal },
    );
    await clock.advance(4000);
    expect(await running).toMatchObject({ delay: 0, data: "no answer", successful: false });
  });

  it("tells issuer and end of a certificate in the form that dashboards read", async () => {
    const certificate = { issuer: "R3|x", notAfter: Date.UTC(2027, 0, 2, 3, 4, 5) };
    const probes = probesOf(() => ({ elapsedMs: 80, status: 200, certificate }));
    const result = await run(TASK_TYPE.httpGet, "https://example.com/", probes);
    expect(result).toMatchObject({ successful: true, data: "R3/x|2027-01-02 03:04:05 +0000 UTC" });
    expect(probes.asked[0]?.options).toMatchObject({ readsBody: true, timeoutMs: 30_000 });
  });

  it("takes a redirect for success and an error status for failure", async () => {
    const statusOf = async (status: number): Promise<boolean> => {
      const probes = probesOf(() => ({ elapsedMs: 1, status }));
      return (await run(TASK_TYPE.httpGet, "http://example.com/", probes)).successful;
    };
    expect(await Promise.all([199, 200, 302, 399, 400, 503].map(statusOf))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("says why a probe is refused, in words that are no certificate facts", async () => {
    const probes = probesOf(() => {
      throw new ProbeDeniedError("not|here");
    });
    const result = await run(TASK_TYPE.httpGet, "http://example.com/", probes);
    expect(result).toMatchObject({ successful: false, data: "not/here" });
  });
});
