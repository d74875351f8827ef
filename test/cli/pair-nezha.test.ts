import { describe, expect, it } from "vitest";
import { pairNezha } from "../../src/cli/pair-nezha.ts";
import { parsePairWords } from "../../src/cli/pair-request.ts";
import type { AgentPairParts } from "../../src/cli/pair-request.ts";
import { systemClock } from "../../src/core/clock.ts";
import { NetworkError } from "../../src/platform/web/port.ts";

/** A dashboard that makes servers, and nothing where agents connect. */
const PARTS = {
  config: { agent: { uplinks: [] } },
  platform: {
    clock: systemClock,
    host: { hostName: () => "kvm" },
    web: { request: () => Promise.resolve({ status: 200, body: '{"secret":"abcdefgh12345678"}' }) },
    grpc: { dial: () => Promise.reject(new NetworkError("dash:5555 refuses the connection")) },
  },
} as unknown as AgentPairParts;

function pair(kind: "nezha-token" | "nezha-secret", ...words: string[]) {
  const address = "http://dash";
  const options = parsePairWords(words).values;
  return pairNezha({ address, kind, secret: "SECRET", options }, PARTS);
}

describe("farhand pair, Nezha", () => {
  it("says that a server which the dashboard has made stays there when agents cannot connect", async () => {
    await expect(pair("nezha-token")).rejects.toThrow(
      "dash:5555 refuses the connection\nThe server 'kvm' was made on the dashboard",
    );
    await expect(pair("nezha-token", "--name", "rack")).rejects.toThrow("The server 'rack'");
  });

  it("says nothing of that where nothing was made", async () => {
    await expect(pair("nezha-secret")).rejects.toThrow(/refuses the connection$/);
  });
});
