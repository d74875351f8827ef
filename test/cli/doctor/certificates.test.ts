import { describe, expect, it } from "vitest";
import { checkCertificates } from "../../../src/cli/doctor/certificates.ts";
import type { DoctorContext } from "../../../src/cli/doctor/finding.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import type { MemoryFiles } from "../../support/memory-files.ts";
import { scriptedRunner } from "../../support/scripted-runner.ts";

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const OWN = "dataDir: /data\n";
const FILES = "http: { tls: { mode: files, cert: /c.pem, key: /k.pem } }\n";

interface Machine {
  readonly yaml: string;
  readonly files: MemoryFiles;
  /** Runs `setpriv`; root asks where it is given. */
  readonly setpriv?: NonNullable<Parameters<typeof scriptedRunner>[0]>[string];
}

async function check({ yaml, files, setpriv }: Machine) {
  const readFile = () => Promise.resolve(yaml);
  const result = await loadConfig({ file: "/f.yaml", env: {}, readFile });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const process = scriptedRunner(setpriv === undefined ? {} : { setpriv });
  const user = { name: "somebody", uid: setpriv === undefined ? 1000 : 0, groups: [] };
  const context = {
    config: result.loaded.config,
    platform: { process, files, clock: fakeClock(NOW) },
    inventory: {
      user: () => Promise.resolve(user),
      text: () => Promise.resolve("farhand:x:990:990::/:/bin/sh\n"),
    },
  } as unknown as DoctorContext;
  return checkCertificates(context);
}

/** A pair in the files of `FILES` that ends so many days from now. */
async function pairFor(days: number): Promise<MemoryFiles> {
  const { cert, key } = await makeCertificate(NOW + days * DAY_MS);
  return memoryFiles({ "/c.pem": cert, "/k.pem": key });
}

describe("the doctor on certificates", () => {
  it("tells of a pair that fits until when it can be used, and that it is self-signed", async () => {
    expect(await check({ yaml: FILES, files: await pairFor(30) })).toEqual([
      { check: "tls", level: "ok", message: "http.tls: /c.pem, self-signed, ends on 2026-07-01" },
    ]);
  });

  it("says when a pair is over, and that it soon will be", async () => {
    const soon = await check({ yaml: FILES, files: await pairFor(13) });
    expect(soon).toMatchObject([
      { level: "warn", message: expect.stringMatching(/ends on 2026-06-14$/) },
    ]);
    const over = await check({ yaml: FILES, files: await pairFor(-1) });
    expect(over).toMatchObject([
      { level: "missing", message: expect.stringMatching(/ended on 2026-05-31$/) },
    ]);
    expect(over[0]?.cure).toContain("within a minute");
  });

  it("says what is wrong with files that cannot be used", async () => {
    const files = await pairFor(30);
    files.edit("/k.pem", (await makeCertificate()).key);
    const cure = "Correct http.tls.cert and http.tls.key, or the files";
    const message = "http.tls: /k.pem is not the key of /c.pem";
    const level = "missing";
    expect(await check({ yaml: FILES, files })).toEqual([{ check: "tls", level, message, cure }]);
    files.edit("/c.pem", undefined);
    expect(await check({ yaml: FILES, files })).toMatchObject([
      { level, message: "http.tls: /c.pem does not exist (http.tls.cert)" },
    ]);
  });

  it("says what may not be read, by itself or by the service on whose behalf root asks", async () => {
    const files = await pairFor(30);
    const setpriv = (args: readonly string[]) => {
      const exitCode = args.at(-1) === "/k.pem" ? 1 : 0;
      return { exitCode, stdout: "", stderr: "" };
    };
    expect(await check({ yaml: FILES, files, setpriv })).toMatchObject([
      { level: "missing", message: "http.tls: the account farhand may not read /k.pem" },
    ]);
    files.readError = "Cannot read /c.pem: permission denied";
    expect(await check({ yaml: FILES, files })).toMatchObject([
      { level: "missing", message: "http.tls: Cannot read /c.pem: permission denied" },
    ]);
  });

  it("knows that the daemon makes and renews its own", async () => {
    const files = memoryFiles();
    expect(await check({ yaml: OWN, files })).toMatchObject([
      { level: "ok", message: expect.stringMatching(/next start/) },
    ]);
    const { cert, key } = await makeCertificate(NOW - DAY_MS);
    files.edit("/data/tls/server.crt", cert);
    files.edit("/data/tls/server.key", key);
    expect(await check({ yaml: OWN, files })).toMatchObject([{ level: "ok" }]);
  });

  it("looks at those for a panel and for agents where they are used", async () => {
    const off = "http: { tls: { mode: off } }\n";
    const files = memoryFiles();
    expect(await check({ yaml: off, files })).toEqual([]);
    const hub = `${off}roles: [hub]\nhub: { nezha: { listen: "127.0.0.1:1", tls: true, secret: "a-long-secret-of-agents" } }\n`;
    expect(await check({ yaml: hub, files })).toMatchObject([
      { message: expect.stringMatching(/^hub\.nezha\.tls: /) },
    ]);
    const proxy = `${off}${OWN}roles: [proxy]\n`;
    const { cert, key } = await makeCertificate(NOW - DAY_MS);
    files.edit("/data/proxy/tls/server.crt", cert);
    files.edit("/data/proxy/tls/server.key", key);
    expect(await check({ yaml: proxy, files })).toMatchObject([
      {
        level: "missing",
        message: expect.stringMatching(/^proxy\.tls: /),
        cure: expect.stringMatching(/pair --pasarguard/),
      },
    ]);
  });
});
