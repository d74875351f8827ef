import { describe, expect, it } from "vitest";
import { createProbes } from "../../src/agent/probes.ts";
import {
  ProbeDeniedError,
  ProbeFailedError,
  TooManyTasksError,
} from "../../src/agent/task-errors.ts";
import { CancelledError, ReplyTimeoutError } from "../../src/core/errors.ts";
import type { NetworkProbe } from "../../src/platform/probe/port.ts";

const LIMITS = { timeoutMs: 100, signal: new AbortController().signal };

function network(part: Partial<NetworkProbe> = {}): NetworkProbe {
  return {
    resolve: (host) => Promise.resolve(`address of ${host}`),
    echo: () => Promise.resolve(1),
    connect: (_address, port) => Promise.resolve(port / 100),
    get: ({ address }) =>
      Promise.resolve({ elapsedMs: address.length, status: 200, certificate: undefined }),
    ...part,
  };
}

describe("probes", () => {
  it("measure the way to the address behind the name", async () => {
    const asked: string[] = [];
    const probes = createProbes(
      network({
        resolve: (host) => {
          asked.push(host);
          return Promise.resolve("192.0.2.1");
        },
      }),
      true,
    );
    expect(await probes.run({ kind: "icmp", host: "a.example" }, LIMITS)).toEqual({ elapsedMs: 1 });
    expect(await probes.run({ kind: "tcp", host: "b.example", port: 500 }, LIMITS)).toEqual({
      elapsedMs: 5,
    });
    const web = await probes.run({ kind: "http", url: "https://[2001:db8::1]:8443/x" }, LIMITS);
    expect(web).toEqual({ elapsedMs: 9, status: 200 });
    expect(asked).toEqual(["a.example", "b.example", "2001:db8::1"]);
  });

  it("do nothing when they are switched off", async () => {
    const probes = createProbes(network(), false);
    await expect(probes.run({ kind: "icmp", host: "a" }, LIMITS)).rejects.toThrow(ProbeDeniedError);
  });

  it("fail in words, whatever went wrong on the way", async () => {
    const probes = createProbes(
      network({ echo: () => Promise.reject(new ReplyTimeoutError("a did not answer")) }),
      true,
    );
    const failed = probes.run({ kind: "icmp", host: "a" }, LIMITS);
    await expect(failed).rejects.toThrow(ProbeFailedError);
    await expect(failed).rejects.toThrow("a did not answer");
    await expect(probes.run({ kind: "http", url: "no address" }, LIMITS)).rejects.toThrow(
      ProbeFailedError,
    );
  });

  it("are cancelled as such", async () => {
    const probes = createProbes(
      network({ connect: () => Promise.reject(new CancelledError()) }),
      true,
    );
    const run = probes.run({ kind: "tcp", host: "a", port: 1 }, LIMITS);
    await expect(run).rejects.toThrow(CancelledError);
  });

  it("are limited in number", async () => {
    let release: (ms: number) => void = () => undefined;
    const waiting = new Promise<number>((resolve) => {
      release = resolve;
    });
    const probes = createProbes(network({ echo: () => waiting }), true);
    const running = Array.from({ length: 32 }, () =>
      probes.run({ kind: "icmp", host: "a" }, LIMITS),
    );
    await expect(probes.run({ kind: "icmp", host: "a" }, LIMITS)).rejects.toThrow(
      TooManyTasksError,
    );
    release(1);
    await Promise.all(running);
    expect(await probes.run({ kind: "icmp", host: "a" }, LIMITS)).toEqual({ elapsedMs: 1 });
  });
});
