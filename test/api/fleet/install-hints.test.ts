import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { X509CertificateGenerator, cryptoProvider } from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { createSelfSigned } from "../../../src/http/self-signed.ts";
import type { TlsMaterial } from "../../../src/http/node-server.ts";
import type { InstallHint, IssuedNodeView } from "../../../src/protocol/fleet/nodes.ts";
import { createTestApp, OWNER_HEADERS } from "../../support/create-test-app.ts";
import { httpCall } from "../../support/http-request.ts";
import { tempDir } from "../../support/temp-dir.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const LIFE = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 60_000) };
const HUB = { listen: "127.0.0.1:0" };

/** What the hub that runs with this says about a new node, asked by its own address or what `headers` make of it. */
async function hintsOf(
  config: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly InstallHint[]> {
  const app = await createTestApp({ config: { roles: ["hub"], ...config } });
  const base = app.config.http.tls.mode === "off" ? app.url : app.url.replace("http:", "https:");
  const answer = await httpCall(base, "/native/fleet/nodes", {
    method: "POST",
    headers: { ...OWNER_HEADERS, "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ name: "alpha" }),
  });
  const { token, node, install }: IssuedNodeView = JSON.parse(answer.body);
  const plain = (text: string): string =>
    text.replaceAll(token, "TOKEN").replaceAll(node.uuid, "UUID").replaceAll(base, "BASE");
  return install.map((hint) => Object.assign(hint, { command: plain(hint.command) }));
}

const commandsOf = (hints: readonly InstallHint[]): string[] => hints.map((hint) => hint.command);
const marksOf = (hints: readonly InstallHint[]): boolean[] =>
  hints.map((hint) => hint.acceptsAnyCertificate);

function inFiles({ cert, key }: TlsMaterial): Readonly<Record<string, string>> {
  const folder = tempDir();
  const paths = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  writeFileSync(paths.cert, cert);
  writeFileSync(paths.key, key);
  return { mode: "files", ...paths };
}

/** Of an authority of somebody's own. */
async function issued(): Promise<TlsMaterial> {
  cryptoProvider.set(webcrypto);
  const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const [authority, server] = await Promise.all([newKeys(), newKeys()]);
  const shared = { ...LIFE, signingAlgorithm: ALGORITHM };
  const certificate = await X509CertificateGenerator.create({
    ...shared,
    issuer: "CN=Our own",
    subject: "CN=hub",
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", server.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { cert: certificate.toString("pem"), key };
}

describe("what to type on the machine of a new node", () => {
  it("makes agents accept the certificate that the hub made for itself, and says so", async () => {
    const hints = await hintsOf({
      http: { tls: { mode: "self-signed" } },
      hub: { nezha: { ...HUB, tls: true } },
    });
    expect(commandsOf(hints)).toEqual([
      "farhand pair BASE --komari-token TOKEN --insecure",
      "komari-agent -e BASE -t TOKEN --ignore-unsafe-cert",
      "nezha-agent -s 127.0.0.1:0 -p TOKEN --tls --insecure",
      "env NZ_SERVER=127.0.0.1:0 NZ_TLS=true NZ_INSECURE_TLS=true NZ_CLIENT_SECRET=TOKEN NZ_UUID=UUID nezha-agent",
    ]);
    expect(marksOf(hints)).toEqual([true, true, true, true]);
  });

  it("has agents check a certificate that somebody vouches for", async () => {
    const hints = await hintsOf({
      http: { tls: inFiles(await issued()) },
      hub: { nezha: { ...HUB, tls: true } },
    });
    expect(commandsOf(hints)).toEqual([
      "farhand pair BASE --komari-token TOKEN",
      "komari-agent -e BASE -t TOKEN",
      "nezha-agent -s 127.0.0.1:0 -p TOKEN --tls",
      "env NZ_SERVER=127.0.0.1:0 NZ_TLS=true NZ_CLIENT_SECRET=TOKEN NZ_UUID=UUID nezha-agent",
    ]);
    expect(marksOf(hints)).toEqual([false, false, false, false]);
  });

  it("knows a self-signed certificate also in files, and leaves a port without encryption alone", async () => {
    const names = { hostName: "hub", addresses: [] };
    const life = { notBefore: LIFE.notBefore.getTime(), notAfter: LIFE.notAfter.getTime() };
    const hints = await hintsOf({
      http: { tls: inFiles(await createSelfSigned({ ...names, ...life })) },
      hub: { nezha: HUB },
    });
    expect(commandsOf(hints)).toEqual([
      "farhand pair BASE --komari-token TOKEN --insecure",
      "komari-agent -e BASE -t TOKEN --ignore-unsafe-cert",
      "nezha-agent -s 127.0.0.1:0 -p TOKEN",
      "env NZ_SERVER=127.0.0.1:0 NZ_TLS=false NZ_CLIENT_SECRET=TOKEN NZ_UUID=UUID nezha-agent",
    ]);
    expect(marksOf(hints)).toEqual([true, true, false, false]);
  });

  it.each(["off", "self-signed"])(
    "leaves the certificate to a proxy that is believed, with http.tls.mode %s behind it",
    async (mode) => {
      const http = { tls: { mode }, trustedProxies: ["127.0.0.1"] };
      const proxied = {
        Host: "hub.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
      };
      const hints = await hintsOf({ http }, proxied);
      expect(commandsOf(hints)).toEqual([
        "farhand pair https://hub.example --komari-token TOKEN",
        "komari-agent -e https://hub.example -t TOKEN",
      ]);
      expect(marksOf(hints)).toEqual([false, false]);
    },
  );

  it("repeats no name that means something to a shell", async () => {
    const hints = await hintsOf({}, { Host: "a$(reboot)" });
    expect(commandsOf(hints)[1]).toBe("komari-agent -e http://hub.example -t TOKEN");
  });
});
