import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import type { ProxyConfig } from "../../src/config/schema.ts";
import { coversAddress, ensureProxyCredentials } from "../../src/roles/proxy-credentials.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { API_KEY, PROXY_CONFIG } from "../support/proxy-fixture.ts";

const KEY_FILE = "/data/proxy/api-key";

function setUp(proxy: Partial<ProxyConfig> = {}, files = memoryFiles()) {
  const parts = {
    config: { dataDir: "/data", proxy: { ...PROXY_CONFIG, ...proxy } },
    files,
    clock: fakeClock(),
    host: { hostName: () => "kvm", addresses: () => ["192.0.2.7", "2001:db8::7"] },
    log: silentLogger,
  };
  return { files, ensure: (address?: string) => ensureProxyCredentials(parts, address) };
}

describe("the panel's key", () => {
  it("is made once, kept for its owner only, and different everywhere", async () => {
    const { files, ensure } = setUp();
    const { apiKey } = await ensure();
    expect(apiKey).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect([files.content(KEY_FILE), files.mode(KEY_FILE)]).toEqual([`${apiKey}\n`, 0o600]);
    expect((await ensure()).apiKey).toBe(apiKey);
    expect((await setUp().ensure()).apiKey).not.toBe(apiKey);
  });

  it("is the configured one, in any form of a UUID", async () => {
    const { files, ensure } = setUp({ apiKey: API_KEY.toUpperCase().replaceAll("-", "") });
    expect((await ensure()).apiKey).toBe(API_KEY);
    expect(files.content(KEY_FILE)).toBeUndefined();
  });

  it.each(["admin", "00000000-0000-0000-0000-000000000000", `${API_KEY}x`])(
    "is never '%s'",
    async (apiKey) => {
      await expect(setUp({ apiKey }).ensure()).rejects.toThrow("proxy.apiKey must be a UUID");
      const files = memoryFiles({ [KEY_FILE]: apiKey });
      await expect(setUp({}, files).ensure()).rejects.toThrow(`${KEY_FILE} must be a UUID`);
    },
  );
});

describe("the certificate", () => {
  it("names this machine, is kept, and fits into the panel's form", async () => {
    const { ensure } = setUp();
    const { tls, isRenewed } = await ensure();
    for (const address of ["kvm", "kvm.local", "192.0.2.7", "2001:db8::7", "localhost"]) {
      expect(coversAddress(tls.cert, address)).toBe(true);
    }
    expect(coversAddress(tls.cert, "192.0.2.8")).toBe(false);
    expect(tls.cert.length).toBeLessThan(2048);
    expect([isRenewed, (await ensure()).tls.cert]).toEqual([false, tls.cert]);
  });

  it("is made anew for an address that it does not name, and only then", async () => {
    const { ensure } = setUp();
    const first = await ensure();
    expect((await ensure("192.0.2.7")).tls.cert).toBe(first.tls.cert);
    const second = await ensure("node.example.com");
    expect(second.isRenewed).toBe(true);
    expect(coversAddress(second.tls.cert, "node.example.com")).toBe(true);
    expect(coversAddress(second.tls.cert, "192.0.2.7")).toBe(true);
    const third = await ensure("198.51.100.9");
    expect(coversAddress(third.tls.cert, "198.51.100.9")).toBe(true);
    expect((await ensure()).tls.cert).toBe(third.tls.cert);
  });

  it("is not called renewed when it is the first", async () => {
    const { tls, isRenewed } = await setUp().ensure("node.example.com");
    expect([isRenewed, coversAddress(tls.cert, "node.example.com")]).toEqual([false, true]);
  });

  it("may be one's own", async () => {
    const made = await setUp().ensure();
    const files = memoryFiles({ "/c.pem": made.tls.cert, "/k.pem": made.tls.key });
    const { tls } = await setUp({ tls: { cert: "/c.pem", key: "/k.pem" } }, files).ensure();
    expect(new X509Certificate(tls.cert).fingerprint256).toBe(
      new X509Certificate(made.tls.cert).fingerprint256,
    );
    const half = setUp({ tls: { cert: "/c.pem", key: "" } }, files).ensure();
    await expect(half).rejects.toThrow("proxy.tls.key is not set");
    const gone = setUp({ tls: { cert: "/x.pem", key: "/k.pem" } }, files).ensure();
    await expect(gone).rejects.toThrow("/x.pem does not exist (proxy.tls.cert)");
  });
});
