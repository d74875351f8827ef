import { describe, expect, it } from "vitest";
import { pairPasarguardCommand } from "../../src/cli/pair-pasarguard.ts";
import type { Config, ProxyConfig } from "../../src/config/schema.ts";
import { silentLogger } from "../../src/core/log.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { API_KEY, PROXY_CONFIG } from "../support/proxy-fixture.ts";

function setUp(proxy: Partial<ProxyConfig> = {}, roles: readonly string[] = ["proxy"]) {
  const out: string[] = [];
  const err: string[] = [];
  const config = {
    dataDir: "/data",
    roles,
    proxy: { ...PROXY_CONFIG, apiKey: API_KEY, port: 62_050, ...proxy },
  } as unknown as Config;
  const parts = {
    config,
    files: memoryFiles(),
    clock: fakeClock(),
    log: silentLogger,
    host: { hostName: () => "kvm", addresses: () => ["2001:db8::7", "192.0.2.7"] },
  };
  const pair = (...words: string[]) =>
    pairPasarguardCommand(words, parts, {
      stdout: (text) => {
        out.push(text);
      },
      stderr: (text) => {
        err.push(text);
      },
    });
  return { out, err, pair };
}

describe("farhand pair --pasarguard", () => {
  it("shows what the panel's form asks for", async () => {
    const { out, err, pair } = setUp();
    expect(await pair()).toBe(0);
    const text = out.join("\n");
    for (const line of [
      "Name +kvm",
      "Address +192.0.2.7",
      "Port +62050",
      "Connection type +gRPC",
    ]) {
      expect(text).toMatch(new RegExp(`^  ${line}$`, "m"));
    }
    expect(text).toContain(API_KEY);
    expect(text).toMatch(/^-----BEGIN CERTIFICATE-----$[^]*^-----END CERTIFICATE-----$/m);
    expect(text).not.toContain("PRIVATE KEY");
    expect(err).toEqual([]);
  });

  it("puts the panel's name for this node into the certificate and says what that costs", async () => {
    const { out, err, pair } = setUp({ protocol: "rest" });
    await pair();
    expect(await pair("--address=node.example.com", "--json")).toBe(0);
    expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({
      address: "node.example.com",
      connectionType: "REST",
      apiKey: API_KEY,
    });
    expect(err).toEqual([
      "The certificate is a new one: the daemon shows it within a minute, no restart needed.",
    ]);
    await pair("--address", "node.example.com");
    expect(err).toHaveLength(1);
  });

  it("says when the role is off", async () => {
    const { err, pair } = setUp({}, ["device"]);
    await pair();
    expect(err).toEqual(["The role is off: add 'proxy' to 'roles'."]);
  });

  it("fails with a message for a key that is none", async () => {
    const { err, pair } = setUp({ apiKey: "secret" });
    expect(await pair()).toBe(1);
    expect(err).toEqual(["proxy.apiKey must be a UUID other than the one of zeros"]);
  });

  it.each([["--address"], ["--address="], ["--port", "1"], ["x"]])(
    "refuses %s",
    async (...words) => {
      const { err, pair } = setUp();
      expect(await pair(...words)).toBe(64);
      expect(err[0]).toMatch(/^Usage: farhand pair --pasarguard/);
    },
  );
});
