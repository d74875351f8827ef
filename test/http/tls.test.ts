import { X509Certificate, createPrivateKey } from "node:crypto";
import { request } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { createStore } from "../../src/core/store.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { TlsFilesError, ensureSelfSigned, loadTlsFiles } from "../../src/http/tls.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import { HTTP_CONFIG } from "../support/auth-fixture.ts";
import { fakeClock } from "../support/fake-clock.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { tempDir } from "../support/temp-dir.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 6, 1);
const CERT = "/data/tls/server.crt";
const KEY = "/data/tls/server.key";

function setUp(startAt = NOW) {
  const files = memoryFiles();
  const clock = fakeClock(startAt);
  const make = (hostName = "kvm", addresses: readonly string[] = ["192.0.2.7", "2001:db8::7"]) =>
    ensureSelfSigned({ dataDir: "/data", hostName, addresses, files, clock });
  return { files, clock, make };
}

describe("ensureSelfSigned", () => {
  it("makes a certificate for the names and addresses of the device", async () => {
    const { cert, key } = await setUp().make();
    const certificate = new X509Certificate(cert);
    for (const host of ["localhost", "kvm", "kvm.local"]) {
      expect(certificate.checkHost(host)).toBe(host);
    }
    for (const ip of ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"]) {
      expect(certificate.checkIP(ip)).toBe(ip);
    }
    expect(certificate.checkHost("evil.example")).toBeUndefined();
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.subject).toContain("CN=kvm");
  });

  it("is valid from yesterday for at most 825 days", async () => {
    const { validFrom, validTo } = new X509Certificate((await setUp().make()).cert);
    expect(Date.parse(validFrom)).toBe(NOW - DAY_MS);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBeLessThanOrEqual(825 * DAY_MS);
    expect(Date.parse(validTo)).toBeGreaterThan(NOW + 800 * DAY_MS);
  });

  it("is not over at once on a board that believes in 1970", async () => {
    const { cert } = await setUp(0).make();
    expect(Date.parse(new X509Certificate(cert).validTo)).toBeGreaterThan(Date.UTC(2028, 0, 1));
  });

  it("keeps the key for its owner and both for the next start, whatever the addresses are then", async () => {
    const { files, make } = setUp();
    const first = await make();
    expect(first.isStored).toBe(true);
    expect([files.mode(KEY), files.mode(CERT)]).toEqual([0o600, 0o644]);
    expect(await make("kvm", ["203.0.113.1"])).toEqual(first);
  });

  it("differs on every device", async () => {
    expect((await setUp().make()).key).not.toBe((await setUp().make()).key);
  });

  it("is renewed when it is over", async () => {
    const { make, clock } = setUp();
    const first = await make();
    await clock.advance(821 * DAY_MS);
    const second = await make();
    expect(second.cert).not.toBe(first.cert);
    expect(Date.parse(new X509Certificate(second.cert).validTo)).toBeGreaterThan(clock.now());
  });

  it.each([
    [CERT, "garbage"],
    [KEY, "garbage"],
    [KEY, undefined],
    [CERT, undefined],
  ])("is made anew when %s is %j", async (path, content) => {
    const { files, make } = setUp();
    const first = await make();
    files.edit(path, content);
    const second = await make();
    expect(second.cert).not.toBe(first.cert);
    expect(await make()).toEqual(second);
  });

  it("serves from memory where nothing can be written", async () => {
    const { files, make } = setUp();
    files.writeError = "read-only";
    const { isStored, cert } = await make();
    expect(isStored).toBe(false);
    expect(new X509Certificate(cert).checkHost("kvm")).toBe("kvm");
  });

  it("leaves out names and addresses that a certificate cannot hold", async () => {
    const { cert } = await setUp().make("not a host\u0000name", ["fe80::1%eth0", "nonsense", ""]);
    const names = new X509Certificate(cert).subjectAltName ?? "";
    expect(names.split(", ")).toEqual([
      "DNS:localhost",
      "IP Address:127.0.0.1",
      "IP Address:0:0:0:0:0:0:0:1",
    ]);
  });
});

describe("loadTlsFiles", () => {
  const load = async (edit: Readonly<Record<string, string | undefined>>, cert = CERT) => {
    const { files, make } = setUp();
    await make();
    for (const [path, content] of Object.entries(edit)) files.edit(path, content);
    return loadTlsFiles({ cert, key: KEY, files });
  };

  it("returns a pair that fits", async () => {
    expect((await load({})).cert).toContain("BEGIN CERTIFICATE");
  });

  it.each([
    [{ [CERT]: undefined }, `${CERT} does not exist (http.tls.cert)`],
    [{ [KEY]: undefined }, `${KEY} does not exist (http.tls.key)`],
    [{ [CERT]: "x" }, `${CERT} is no PEM certificate`],
    [{ [KEY]: "x" }, `${KEY} is no PEM private key`],
  ])("says what is wrong with %j", async (edit, text) => {
    await expect(load(edit)).rejects.toThrow(TlsFilesError);
    await expect(load(edit)).rejects.toThrow(text);
  });

  it("says when the key belongs to another certificate, and when a file is not configured", async () => {
    const other = await setUp().make();
    await expect(load({ [KEY]: other.key })).rejects.toThrow(`${KEY} is not the key of ${CERT}`);
    await expect(load({}, "")).rejects.toThrow("http.tls.cert is not set");
  });
});

describe("a TLS server", () => {
  const listenTls = async (clock?: FakeClock) => {
    const { cert, key } = await ensureSelfSigned({
      dataDir: tempDir(),
      hostName: "kvm",
      addresses: [],
      files: createFileStore(),
      clock: fakeClock(Date.now()),
    });
    const app = createHttpServer({
      config: HTTP_CONFIG,
      log: silentLogger,
      tls: createStore({ cert, key }),
      ...(clock && { clock }),
    });
    onTestFinished(() => app.close());
    app.post("/", { config: { access: "public" } }, ({ protocol, body }) => ({ protocol, body }));
    const origin = await app.listen({ host: "127.0.0.1", port: 0 });
    return { app, cert, port: Number(new URL(origin).port) };
  };

  it("is trusted by a client that knows its certificate", async () => {
    const { cert, port } = await listenTls();
    const body = await new Promise<string>((resolve, reject) => {
      const sending = request(
        { host: "localhost", port, ca: cert, method: "POST", agent: false, family: 4 },
        (response) => {
          response.setEncoding("utf8");
          let text = "";
          response.on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("end", () => {
            resolve(text);
          });
        },
      );
      sending.on("error", reject);
      sending.setHeader("Content-Type", "text/plain");
      sending.end("x".repeat(100_000));
    });
    expect(JSON.parse(body)).toEqual({ protocol: "https", body: "x".repeat(100_000) });
  });

  it("speaks nothing older than TLS 1.2", async () => {
    const { port } = await listenTls();
    const failure = await new Promise<Error>((resolve) => {
      const options = { port, host: "127.0.0.1", rejectUnauthorized: false } as const;
      const socket = connectTls({ ...options, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
      socket.once("error", resolve);
    });
    expect(failure.message).toMatch(/version|protocol|alert/i);
  });

  it.each([
    [
      "GET /kvm?x=1 HTTP/1.1\r\nHost: kvm.lan:8443\r\n\r\n",
      /^HTTP\/1\.1 308 /,
      "https://kvm.lan:8443/kvm?x=1",
    ],
    [
      "POST / HTTP/1.1\r\nHost: kvm.lan\r\nContent-Length: 0\r\n\r\n",
      /^HTTP\/1\.1 400 /,
      "use https://",
    ],
    ["GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", /^HTTP\/1\.1 400 /, "use https://"],
    ["nonsense\r\n\r\n", /^HTTP\/1\.1 400 /, ""],
  ])("answers plain HTTP on its port: %j", async (text, status, part) => {
    const { port } = await listenTls();
    const answer = await new Promise<string>((resolve) => {
      let received = "";
      const socket = connect(port, "127.0.0.1");
      socket.write(text);
      socket.on("data", (chunk) => {
        received += chunk.toString();
      });
      socket.on("close", () => {
        resolve(received);
      });
    });
    expect(answer).toMatch(status);
    expect(answer).toContain(part);
  });

  it.each(["", "G", "GET / HTTP/1.1\r\nHost: a\r\n"])(
    "drops a plain connection that does not get beyond %j",
    async (text) => {
      const clock = fakeClock();
      const { app, port } = await listenTls(clock);
      const accepted = new Promise<void>((resolve) => {
        app.server.once("connection", (socket) => {
          if (text === "") resolve();
          else socket.once("readable", resolve);
        });
      });
      const socket = connect(port, "127.0.0.1");
      let isClosed = false;
      const closed = new Promise<void>((resolve) => {
        socket.once("close", () => {
          isClosed = true;
          resolve();
        });
      });
      socket.resume();
      socket.write(text);
      await accepted;
      await clock.advance(9999);
      expect(isClosed).toBe(false);
      await clock.advance(1);
      await closed;
      expect(clock.pending).toBe(0);
    },
  );
});
