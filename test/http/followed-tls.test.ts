import { X509Certificate } from "node:crypto";
import { renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../src/core/log.ts";
import { createScope } from "../../src/core/scope.ts";
import { until } from "../../src/core/store.ts";
import { FollowedTls } from "../../src/http/followed-tls.ts";
import type { TlsMaterial } from "../../src/http/node-server.ts";
import { ownTls } from "../../src/http/tls-material.ts";
import { loadTlsFiles } from "../../src/http/tls.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import type { FileStore } from "../../src/platform/files/port.ts";
import { makeCertificate } from "../support/certificates.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { recordingLogger } from "../support/recording-logger.ts";
import { tempDir } from "../support/temp-dir.ts";

const CERT = "/etc/tls/fullchain.pem";
const KEY = "/etc/tls/privkey.pem";
const MINUTE = 60_000;
const DAY_MS = 24 * 60 * MINUTE;
const CANNOT = "The certificate cannot be replaced, the one in use stays";
const TAKEN = "Another certificate is in use for new connections";

let first: TlsMaterial;
let second: TlsMaterial;
beforeAll(async () => {
  [first, second] = await Promise.all([makeCertificate(), makeCertificate()]);
});

function parts(files: FileStore, startAt?: number) {
  const log = recordingLogger();
  const clock = fakeClock(startAt);
  const scope = createScope("test", silentLogger);
  onTestFinished(() => scope.close());
  const said = () => log.records.map(({ level, message }) => `${level}: ${message}`);
  return { log, clock, scope, said, files };
}

/** Files with the first pair, which is in use and followed. */
async function setUp() {
  const files = memoryFiles({ [CERT]: first.cert, [KEY]: first.key });
  let reads = 0;
  const counted: FileStore = {
    ...files,
    read: (path) => {
      reads += 1;
      return files.read(path);
    },
  };
  const given = parts(counted);
  const paths = { cert: CERT, key: KEY, ...given };
  const tls = new FollowedTls(await loadTlsFiles(paths), paths);
  tls.follow(given.scope);
  const edit = (cert: string | undefined, key: string | undefined): void => {
    files.edit(CERT, cert);
    files.edit(KEY, key);
  };
  return { ...given, memory: files, tls, edit, reads: () => reads };
}

describe("a certificate that is replaced under its path", () => {
  it("is in use within a minute, and the log says until when", async () => {
    const { tls, clock, edit, log } = await setUp();
    const shown: string[] = [];
    tls.material.subscribe(({ cert }) => {
      shown.push(cert);
    });
    edit(second.cert, second.key);
    await clock.advance(MINUTE);
    expect(tls.material.value).toEqual(second);
    expect(shown).toEqual([second.cert]);
    const endsAt = new Date(new X509Certificate(second.cert).validTo).toISOString();
    expect(log.records).toEqual([
      { level: "info", fields: { cert: CERT, endsAt }, message: TAKEN },
    ]);
    expect(tls.problem).toBeUndefined();
  });

  it("is read again only after it has changed", async () => {
    const { clock, edit, reads, said } = await setUp();
    // Once for what happened since the start, of which nothing is known.
    await clock.advance(MINUTE);
    const before = reads();
    await clock.advance(60 * MINUTE);
    expect(reads()).toBe(before);
    edit(first.cert, first.key);
    await clock.advance(5 * MINUTE);
    expect(reads()).toBe(before + 2);
    expect(said()).toEqual([]);
  });

  it("is taken over when it was replaced while the program started", async () => {
    const files = memoryFiles({ [CERT]: second.cert, [KEY]: second.key });
    const given = parts(files);
    const tls = new FollowedTls(first, { cert: CERT, key: KEY, ...given });
    tls.follow(given.scope);
    await given.clock.advance(MINUTE);
    expect(tls.material.value).toEqual(second);
  });

  it("is found behind links that are led elsewhere", async () => {
    const folder = tempDir();
    const at = (name: string): string => join(folder, name);
    const publish = (number: number, { cert, key }: TlsMaterial): void => {
      writeFileSync(at(`fullchain${number}.pem`), cert);
      writeFileSync(at(`privkey${number}.pem`), key);
      for (const name of ["fullchain", "privkey"]) {
        symlinkSync(`${name}${number}.pem`, at("new"));
        renameSync(at("new"), at(`${name}.pem`));
      }
    };
    publish(1, first);
    const paths = { cert: at("fullchain.pem"), key: at("privkey.pem") };
    const given = parts(createFileStore());
    const tls = new FollowedTls(await loadTlsFiles({ ...paths, ...given }), { ...paths, ...given });
    await tls.look();
    publish(2, second);
    await tls.look();
    expect(tls.material.value).toEqual(second);
  });
});

describe("a pair that cannot be used", () => {
  it("is waited for while only one half is replaced, without a word", async () => {
    const { tls, clock, memory, said } = await setUp();
    memory.edit(KEY, second.key);
    await clock.advance(MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([first, undefined]);
    memory.edit(CERT, second.cert);
    await clock.advance(MINUTE);
    expect(tls.material.value).toEqual(second);
    expect(said()).toEqual([`info: ${TAKEN}`]);
  });

  const garbage = "-----BEGIN CERTIFICATE-----\nMIIB";
  it.each<readonly [string, () => readonly [string | undefined, string | undefined], string]>([
    ["another one's key", () => [second.cert, first.key], `${KEY} is not the key of ${CERT}`],
    ["half of a file", () => [garbage, first.key], `${CERT} is no PEM certificate`],
    ["a cut chain", () => [second.cert + garbage, second.key], `${CERT} cannot be used`],
    ["an empty key", () => [second.cert, ""], `${KEY} is no PEM private key`],
    ["no certificate", () => [undefined, first.key], `${CERT} does not exist (http.tls.cert)`],
    ["no files at all", () => [undefined, undefined], `${CERT} does not exist (http.tls.cert)`],
  ])("keeps the one before for %s, says so once, and goes on trying", async (_, pair, reason) => {
    const { tls, clock, edit, said, log } = await setUp();
    await clock.advance(MINUTE);
    edit(...pair());
    await clock.advance(10 * MINUTE);
    expect(tls.material.value).toEqual(first);
    expect(tls.problem).toContain(reason);
    expect(said()).toEqual([`warn: ${CANNOT}`]);
    expect(log.records[0]?.fields).toEqual({ reason: tls.problem });
    edit(second.cert, second.key);
    await clock.advance(MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([second, undefined]);
    expect(said()).toEqual([`warn: ${CANNOT}`, `info: ${TAKEN}`]);
  });

  it("is tried again when nothing but the right to read it has changed", async () => {
    const { tls, clock, edit, memory } = await setUp();
    edit(second.cert, second.key);
    memory.readError = "permission denied";
    await clock.advance(3 * MINUTE);
    expect(tls.problem).toContain("permission denied");
    memory.readError = undefined;
    await clock.advance(MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([second, undefined]);
  });

  it("is forgotten when the one before is put back", async () => {
    const { tls, clock, edit, said } = await setUp();
    edit(undefined, undefined);
    await clock.advance(MINUTE);
    edit("", "");
    await clock.advance(2 * MINUTE);
    edit(first.cert, first.key);
    await clock.advance(MINUTE);
    expect(tls.problem).toBeUndefined();
    expect(said()).toEqual([
      `warn: ${CANNOT}`,
      "info: The certificate's files are again those in use",
    ]);
  });
});

describe("looking", () => {
  it("ends with its scope and leaves nothing waiting", async () => {
    const { tls, clock, scope, edit } = await setUp();
    await clock.advance(MINUTE);
    expect(clock.pending).toBe(1);
    await scope.close();
    expect(clock.pending).toBe(0);
    edit(second.cert, second.key);
    await clock.advance(5 * MINUTE);
    expect(tls.material.value).toEqual(first);
  });

  it("reads once when two ask at the same time", async () => {
    const { tls, edit, reads } = await setUp();
    const before = reads();
    edit(second.cert, second.key);
    await Promise.all([tls.look(), tls.look()]);
    expect([reads() - before, tls.material.value]).toEqual([2, second]);
  });

  it("shows whoever asks what was written before, also when a look is going on", async () => {
    const files = memoryFiles({ [CERT]: first.cert, [KEY]: first.key });
    let asked: Promise<void> | undefined;
    const replacedBehindIt: FileStore = {
      ...files,
      async read(path) {
        const text = await files.read(path);
        if (path !== KEY || asked !== undefined) return text;
        files.edit(CERT, second.cert);
        files.edit(KEY, second.key);
        asked = tls.look();
        return text;
      },
    };
    const paths = { cert: CERT, key: KEY, ...parts(replacedBehindIt) };
    const tls = new FollowedTls(first, paths);
    await tls.look();
    await asked;
    expect(tls.material.value).toEqual(second);
  });
});

describe("the device's own certificate", () => {
  const host = { hostName: () => "kvm", addresses: () => ["192.0.2.7"] };
  const follow = async (files = memoryFiles(), startAt?: number) => {
    const given = parts(files, startAt);
    const tls = await ownTls({ ...given, dataDir: "/data", host });
    tls.follow(given.scope);
    return { ...given, memory: files, tls, made: tls.material.value };
  };

  it("is made anew when it is over, and kept for the next start", async () => {
    const { made, memory } = await follow();
    const endsAt = Date.parse(new X509Certificate(made.cert).validTo);
    const { tls, clock, said } = await follow(memory, endsAt - MINUTE - 1);
    await clock.advance(MINUTE);
    expect(tls.material.value).toEqual(made);
    await clock.advance(MINUTE);
    const { cert, key } = await until(tls.material, (now) => now.cert !== made.cert);
    expect(Date.parse(new X509Certificate(cert).validTo)).toBeGreaterThan(endsAt + 800 * DAY_MS);
    expect(memory.content("/data/tls/server.crt")).toBe(cert);
    expect(memory.content("/data/tls/server.key")).toBe(key);
    await clock.advance(10 * MINUTE);
    expect(tls.material.value).toEqual({ cert, key });
    expect(said()).toEqual([`info: ${TAKEN}`]);
  });

  it("is not missed where it could not be stored, and stays the same", async () => {
    const files = memoryFiles();
    files.writeError = "read-only";
    const { tls, clock, made, said } = await follow(files);
    const complaint = "warn: Certificate could not be stored: the next start makes another one";
    expect(said()).toEqual([complaint]);
    await clock.advance(60 * MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([made, undefined]);
    expect(said()).toEqual([complaint]);
  });

  it("is not given up for one that is over and could not be replaced", async () => {
    const { made: over, memory } = await follow();
    const endsAt = Date.parse(new X509Certificate(over.cert).validTo);
    memory.writeError = "read-only";
    const { tls, clock, made, said } = await follow(memory, endsAt);
    expect(made).not.toEqual(over);
    await clock.advance(10 * MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([made, undefined]);
    expect(said()).toHaveLength(1);
  });

  it("is made anew once where nothing can be stored", async () => {
    const { made, memory } = await follow();
    const endsAt = Date.parse(new X509Certificate(made.cert).validTo);
    const { tls, clock, said } = await follow(memory, endsAt - MINUTE);
    memory.writeError = "read-only";
    await clock.advance(MINUTE);
    const next = await until(tls.material, (now) => now.cert !== made.cert);
    await clock.advance(10 * MINUTE);
    expect([tls.material.value, tls.problem]).toEqual([next, undefined]);
    expect(said()).toEqual([
      "warn: Certificate could not be stored: the next start makes another one",
      `info: ${TAKEN}`,
    ]);
  });

  it("stays when its files are damaged: who pins it would refuse another one", async () => {
    const { tls, clock, made, memory } = await follow();
    memory.edit("/data/tls/server.key", "garbage");
    await clock.advance(5 * MINUTE);
    expect(tls.material.value).toEqual(made);
    expect(tls.problem).toContain("is no PEM private key");
  });
});
