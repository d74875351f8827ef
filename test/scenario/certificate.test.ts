// Certificates that are replaced while the whole program runs: what its listeners show, and that nobody is sent away.
import { once } from "node:events";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createStore } from "../../src/core/store.ts";
import type { TlsMaterial } from "../../src/http/node-server.ts";
import type { FileStore } from "../../src/platform/files/port.ts";
import { EMPTY_HOST } from "../../src/protocol/nezha/messages.ts";
import { METHOD } from "../../src/protocol/nezha/service.ts";
import { hostCodecV1 } from "../../src/protocol/nezha/v1.ts";
import { connectTo, fingerprintOf, makeCertificate, shownBy } from "../support/certificates.ts";
import { createTestApp, OWNER_HEADERS } from "../support/create-test-app.ts";
import type { TestAppOptions } from "../support/create-test-app.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { inertSettings } from "../support/inert-settings.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { call, sharedAgent, startNezhaHub } from "../support/nezha-hub.ts";
import { panelNode } from "../support/panel-node.ts";
import { tempDir } from "../support/temp-dir.ts";

const MINUTE = 60_000;
const CERT = "/tls/fullchain.pem";
const KEY = "/tls/privkey.pem";

type Pair = readonly [cert: string, key: string];

/** The program with certificates in memory and a clock that moves when told. */
async function setUp(
  config: Readonly<Record<string, unknown>>,
  material: TlsMaterial,
  more: Pick<TestAppOptions, "dataDir" | "settings"> & { readonly paths?: Pair } = {},
) {
  const { paths: [cert, key] = [CERT, KEY], ...options } = more;
  const memory = memoryFiles({ [cert]: material.cert, [key]: material.key });
  let looks = 0;
  const files: FileStore = {
    ...memory,
    fingerprint: (path) => {
      looks += Number(path === CERT);
      return memory.fingerprint(path);
    },
  };
  const clock = fakeClock(Date.now());
  const site = await createTestApp({ ...options, config, files, clock });
  const replace = ({ cert, key }: TlsMaterial, paths: Pair = [CERT, KEY]): void => {
    memory.edit(paths[0], cert);
    memory.edit(paths[1], key);
  };
  const { app, config: used, url, logLines, close } = site;
  const { dataDir } = used;
  return { app, dataDir, url, logLines, close, clock, replace, looks: () => looks };
}

async function ask(socket: TLSSocket, path: string): Promise<string> {
  const headers = Object.entries({ Host: "localhost", ...OWNER_HEADERS });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`GET ${path} HTTP/1.1\r\n${lines}\r\n`);
  const [answer]: unknown[] = await once(socket, "data");
  return String(answer);
}

describe("the HTTPS server", () => {
  const http = { host: "127.0.0.1", port: 0, tls: { mode: "files", cert: CERT, key: KEY } };
  // A role that needs no time to end.
  const config = { roles: ["proxy"], proxy: { host: "127.0.0.1", port: 0 }, http };
  const start = async () => {
    const [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
    const site = await setUp(config, first);
    const { port } = new URL(site.url);
    return { ...site, first, second, port: Number(port) };
  };

  it("shows new connections the new certificate, and open ones go on", async () => {
    const { first, second, port, clock, replace } = await start();
    const old = await connectTo(port);
    expect(await ask(old, "/native/tls")).toContain(fingerprintOf(first));
    replace(second);
    await clock.advance(MINUTE);
    expect(await shownBy(port)).toBe(fingerprintOf(second));
    expect(old.getPeerCertificate().fingerprint256).toBe(fingerprintOf(first));
    expect(await ask(old, "/native/tls")).toContain(`"fingerprint":"${fingerprintOf(second)}"`);
  });

  it("goes on with the one before while the pair is wrong, and tells administrators why", async () => {
    const { first, second, port, clock, replace, logLines } = await start();
    replace({ cert: second.cert, key: first.key });
    await clock.advance(2 * MINUTE);
    expect(await shownBy(port)).toBe(fingerprintOf(first));
    const answer = await ask(await connectTo(port), "/native/tls");
    expect(answer).toContain(`"problem":"${KEY} is not the key of ${CERT}"`);
    expect(answer).toContain(fingerprintOf(first));
    await clock.advance(5 * MINUTE);
    const warnings = logLines.filter((line) => line.includes("cannot be replaced"));
    expect(warnings).toHaveLength(1);
  });

  it("still speaks nothing older than TLS 1.2 afterwards, and resumes no session of before", async () => {
    const { second, port, clock, replace } = await start();
    const old = await connectTo(port);
    const tickets = once(old, "session");
    await ask(old, "/health");
    const [session] = await tickets;
    expect((await connectTo(port, { session })).isSessionReused()).toBe(true);
    replace(second);
    await clock.advance(MINUTE);
    expect(await shownBy(port, { session })).toBe(fingerprintOf(second));
    const ancient = shownBy(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    await expect(ancient).rejects.toThrow(/version|protocol|alert/i);
  });

  it("takes what is entered on the settings page at once, where such files are in use", async () => {
    const [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
    const dataDir = tempDir();
    const [cert, key] = [join(dataDir, "tls/own.crt"), join(dataDir, "tls/own.key")] as const;
    const settings = inertSettings();
    const own = { ...config, http: { ...http, tls: { mode: "files", cert, key } } };
    const { app, url } = await setUp(own, first, { dataDir, settings, paths: [cert, key] });
    const put = (certificate: string) =>
      app.server.inject({
        method: "PUT",
        url: "/native/tls",
        headers: OWNER_HEADERS,
        payload: { certificate, key: second.key },
      });
    const cut = await put(`${second.cert}-----BEGIN CERTIFICATE-----\nMIIB`);
    expect([cut.statusCode, cut.body]).toEqual([400, expect.stringContaining("no certificate")]);
    const port = Number(new URL(url).port);
    expect(await shownBy(port)).toBe(fingerprintOf(first));
    expect((await put(second.cert)).statusCode).toBe(200);
    expect(await shownBy(port)).toBe(fingerprintOf(second));
  });

  it("is looked after once a minute until the program ends", async () => {
    const { clock, looks, close } = await start();
    const before = looks();
    await clock.advance(10 * MINUTE);
    expect(looks() - before).toBe(10);
    await close();
    await clock.advance(10 * MINUTE);
    expect(looks() - before).toBe(10);
    expect(clock.pending).toBe(0);
  });
});

describe("the listener of Nezha agents", () => {
  it("shows new agents the new certificate, and those that are there report on", async () => {
    const [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
    const tls = createStore(first);
    const { listener, dial, hub } = await startNezhaHub({ tls });
    const host = hostCodecV1.encode({ ...EMPTY_HOST, platform: "debian" });
    const channel = await dial();
    await call(channel, METHOD.reportHost2, host, sharedAgent(1));
    expect(await shownBy(listener.port)).toBe(fingerprintOf(first));
    tls.set(second);
    expect(await shownBy(listener.port)).toBe(fingerprintOf(second));
    await call(channel, METHOD.reportHost2, host, sharedAgent(2));
    await call(await dial(), METHOD.reportHost2, host, sharedAgent(3));
    expect(hub.registry.nodes).toHaveLength(3);
  });

  const hub = { nezha: { listen: "127.0.0.1:0", tls: true } };
  const portIn = (lines: readonly string[]): number => {
    const line = lines.find((text) => text.includes("Waiting for Nezha agents"));
    const said: { port: number } = JSON.parse(line ?? "{}");
    return said.port;
  };

  it("follows the certificate of the HTTPS server", async () => {
    const [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
    const tls = { mode: "files", cert: CERT, key: KEY };
    const config = { roles: ["hub"], hub, http: { host: "127.0.0.1", port: 0, tls } };
    const { clock, replace, logLines } = await setUp(config, first);
    expect(await shownBy(portIn(logLines))).toBe(fingerprintOf(first));
    replace(second);
    await clock.advance(MINUTE);
    expect(await shownBy(portIn(logLines))).toBe(fingerprintOf(second));
  });

  it("follows one of its own where HTTP is not encrypted", async () => {
    const second = await makeCertificate();
    const site = await setUp({ roles: ["hub"], hub }, second);
    const { clock, replace, logLines, dataDir } = site;
    replace(second, [`${dataDir}/tls/server.crt`, `${dataDir}/tls/server.key`]);
    await clock.advance(MINUTE);
    expect(await shownBy(portIn(logLines))).toBe(fingerprintOf(second));
    await site.close();
    expect(clock.pending).toBe(0);
  });
});

describe("the listener of panels", () => {
  it.each(["grpc", "rest"] as const)("shows another certificate over %s", async (protocol) => {
    const second = await makeCertificate();
    const { port, tls } = await panelNode(protocol);
    expect(await shownBy(port)).not.toBe(fingerprintOf(second));
    tls.set(second);
    expect(await shownBy(port)).toBe(fingerprintOf(second));
  });

  it("follows the files that are configured for it", async () => {
    const [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
    const proxy = { host: "127.0.0.1", port: 0, protocol: "rest", tls: { cert: CERT, key: KEY } };
    const { clock, replace, logLines, close } = await setUp({ roles: ["proxy"], proxy }, first);
    const line = logLines.find((text) => text.includes("Waiting for a panel"));
    const { port }: { port: number } = JSON.parse(line ?? "{}");
    replace(second);
    await clock.advance(MINUTE);
    expect(await shownBy(port)).toBe(fingerprintOf(second));
    await close();
    expect(clock.pending).toBe(0);
  });
});
