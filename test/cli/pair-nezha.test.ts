import { describe, expect, it, onTestFinished } from "vitest";
import { pairNezha } from "../../src/cli/pair-nezha.ts";
import { parsePairWords } from "../../src/cli/pair-request.ts";
import type { AgentPairParts } from "../../src/cli/pair-request.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createGrpcDialer } from "../../src/platform/net/grpc/grpc-dialer.ts";
import { startNezhaDashboard } from "../support/nezha-dashboard.ts";
import type { NezhaDashboard } from "../support/nezha-dashboard.ts";

const MADE = "abcdefgh12345678";

interface Site {
  /** Calls of the registration. */
  readonly made: string[];
  pair(kind: "nezha-token" | "nezha-secret", ...words: string[]): Promise<unknown>;
}

/** A dashboard that makes servers, and where agents connect; with `isStopped` somebody interrupts once a server is made. */
function site(agents: NezhaDashboard, isStopped = false): Site {
  const made: string[] = [];
  const stop = new AbortController();
  const request = ({ url }: { url: string }) => {
    made.push(url);
    if (isStopped) stop.abort();
    return Promise.resolve({ status: 200, body: JSON.stringify({ secret: MADE }) });
  };
  const platform = {
    clock: systemClock,
    host: { hostName: () => "kvm" },
    web: { request },
    grpc: createGrpcDialer(),
  };
  const config = { agent: { uplinks: [] } };
  const parts = { config, platform, signal: stop.signal } as unknown as AgentPairParts;
  return {
    made,
    pair(kind, ...words) {
      const server = `127.0.0.1:${agents.port}`;
      const isToken = kind === "nezha-token";
      const options = parsePairWords(isToken ? [...words, "--agent-server", server] : words).values;
      const address = isToken ? "http://dash" : server;
      return pairNezha({ address, kind, secret: "SECRET", options }, parts);
    },
  };
}

async function dashboard(secret = MADE): Promise<NezhaDashboard> {
  const started = await startNezhaDashboard({ edition: "v0.20", secret });
  onTestFinished(() => {
    started.close();
  });
  return started;
}

describe("farhand pair, Nezha", () => {
  it("makes one server and gets its secret", async () => {
    const { pair, made } = site(await dashboard());
    expect(await pair("nezha-token")).toMatchObject({ uplink: { secret: MADE } });
    expect(made).toEqual(["http://dash/api/v1/server/register"]);
  });

  it("makes no server on a dashboard that agents cannot reach", async () => {
    const agents = await dashboard();
    const { pair, made } = site(agents);
    agents.close();
    await expect(pair("nezha-token")).rejects.toThrow(/refuses the connection$/);
    await expect(pair("nezha-secret")).rejects.toThrow(/refuses the connection$/);
    expect(made).toEqual([]);
  });

  it("says which server stays on a dashboard that does not take its secret after all", async () => {
    const { pair } = site(await dashboard("another"));
    await expect(pair("nezha-token")).rejects.toThrow(
      /refuses the secret.*\nThe server 'kvm' was made on the dashboard and is still there: remove it/,
    );
    await expect(pair("nezha-token", "--name", "rack")).rejects.toThrow("The server 'rack'");
  });

  it("says it also to somebody who does not want to wait longer", async () => {
    const { pair } = site(await dashboard(), true);
    await expect(pair("nezha-token")).rejects.toThrow(/^Cancelled\nThe server 'kvm' was made/);
  });

  it("makes the server unseen when that is asked for", async () => {
    const agents = await dashboard();
    agents.close();
    const { pair, made } = site(agents);
    expect(await pair("nezha-token", "--no-check")).toMatchObject({ uplink: { secret: MADE } });
    expect(made).toHaveLength(1);
  });
});
