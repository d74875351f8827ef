import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as messages from "../../src/protocol/pasarguard/messages.ts";
import type { User } from "../../src/protocol/pasarguard/messages.ts";
import { concatBytes } from "../../src/core/bytes.ts";
import { restCall } from "../support/panel-client.ts";
import { freePort, startDaemon } from "./daemon.ts";
import { percentile } from "./statistics.ts";

const KEY = "d04d8680-942d-4365-992f-9f482275691d";
const CHUNK = 2000;
const POLLS = 15;
const INBOUNDS = ["vless", "trojan"];

export interface SyncResult {
  readonly users: number;
  /** Users that the node has never seen, in chunks. */
  readonly newMs: number;
  /** The same once more. */
  readonly sameMs: number;
  /** A Start with all of them, which takes the place of the running core. */
  readonly startMs: number;
  readonly residentMiB: number;
}

export interface ProxyResult {
  readonly syncs: readonly SyncResult[];
  /** All counters of 10,000 users, read and reset. */
  readonly pollP50Ms: number;
  readonly pollMaxMs: number;
  readonly pollKiB: number;
}

function userOf(index: number): User {
  const id = `${index.toString(16).padStart(8, "0")}-2222-4333-8444-555555555555`;
  return messages.User.create({
    email: String(index),
    proxies: messages.Proxies.create({ vless: { id, flow: "" }, trojan: { password: id } }),
    inbounds: INBOUNDS,
  });
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.from([...bytes, rest]);
}

function framesOf(users: readonly User[]): readonly Uint8Array[] {
  const count = Math.ceil(users.length / CHUNK);
  return Array.from({ length: count }, (_, index) => {
    const part = users.slice(index * CHUNK, (index + 1) * CHUNK);
    const last = index === count - 1;
    const payload = messages.UsersChunk.encode({ users: part, index: BigInt(index), last });
    return concatBytes(varint(payload.length), payload);
  });
}

function configOf(ports: readonly number[], counters: Readonly<Record<string, number>>): string {
  const inbounds = INBOUNDS.map((protocol, index) => ({
    tag: protocol,
    listen: "127.0.0.1",
    port: ports[index],
    protocol,
    settings: protocol === "vless" ? { decryption: "none" } : {},
  }));
  const fake = { tag: "fake", protocol: "fake", settings: { counters } };
  const isCounting = Object.keys(counters).length > 0;
  return JSON.stringify({
    log: { loglevel: "warning" },
    inbounds: isCounting ? [...inbounds, fake] : inbounds,
    outbounds: [{ tag: "direct", protocol: "freedom" }],
  });
}

/** The fake core as a program: it is bundled beside this file. */
function fakeCore(folder: string): string {
  const script = fileURLToPath(new URL("fake-core-program.js", import.meta.url));
  const program = join(folder, "xray");
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

interface Panel {
  /** Milliseconds of one call; throws unless it succeeds. */
  time(method: string, path: string, body: Uint8Array | readonly Uint8Array[]): Promise<number>;
  start(config: string, users: readonly User[]): Promise<number>;
  residentMiB(): number;
  lastSize: number;
  stop(): Promise<void>;
}

async function startNode(core: string, dataDir: string): Promise<Panel> {
  const port = await freePort();
  const daemon = await startDaemon({
    dataDir,
    tls: false,
    env: {
      FARHAND__ROLES: "proxy",
      FARHAND__PROXY__HOST: "127.0.0.1",
      FARHAND__PROXY__PORT: String(port),
      FARHAND__PROXY__PROTOCOL: "rest",
      FARHAND__PROXY__API_KEY: KEY,
      FARHAND__PROXY__CORE__PATH: core,
      // The program may lie where only its owner can read it.
      FARHAND__PROXY__CORE__USER: "root",
    },
  });
  const panel: Panel = {
    lastSize: 0,
    async time(method, path, body) {
      const startedAt = performance.now();
      const answer = await restCall(port, method, path, { headers: { "x-api-key": KEY }, body });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      panel.lastSize = answer.bytes.length;
      return performance.now() - startedAt;
    },
    start: (config, users) =>
      panel.time("POST", "/start", messages.Backend.encode({ config, users })),
    residentMiB: () => daemon.residentMiB(),
    stop: () => daemon.stop(),
  };
  return panel;
}

async function measureSync(panel: Panel, count: number): Promise<SyncResult> {
  const ports = [await freePort(), await freePort()];
  const config = configOf(ports, {});
  await panel.start(config, []);
  const users = Array.from({ length: count }, (_, index) => userOf(index));
  const frames = framesOf(users);
  const newMs = await panel.time("PUT", "/users/sync/chunked", frames);
  const sameMs = await panel.time("PUT", "/users/sync/chunked", frames);
  const startMs = await panel.start(config, users);
  return { users: count, newMs, sameMs, startMs, residentMiB: panel.residentMiB() };
}

async function measurePolls(panel: Panel): Promise<Omit<ProxyResult, "syncs">> {
  const counters: Record<string, number> = {};
  for (let index = 0; index < 10_000; index += 1) {
    counters[`user>>>${index}>>>traffic>>>uplink`] = 1_000_000 + index;
    counters[`user>>>${index}>>>traffic>>>downlink`] = 100_000_000 + index;
  }
  await panel.start(configOf([await freePort(), await freePort()], counters), []);
  const body = messages.StatRequest.encode({ type: messages.StatType.UsersStat, reset: true });
  const times: number[] = [];
  let pollKiB = 0;
  for (let poll = 0; poll < POLLS; poll += 1) {
    times.push(await panel.time("GET", "/stats", body));
    pollKiB = Math.max(pollKiB, panel.lastSize / 1024);
  }
  return { pollP50Ms: percentile(times, 0.5), pollMaxMs: Math.max(...times), pollKiB };
}

/** The core's name for the table: `FARHAND_BENCH_CORE` may name a real one for the synchronization of users. */
export function coreName(): string {
  return process.env["FARHAND_BENCH_CORE"] === undefined ? "stand-in core" : "real core";
}

/** Users and counters of a panel with many of them, over REST with TLS. */
export async function proxyNode(): Promise<ProxyResult> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-"));
  try {
    const standIn = fakeCore(folder);
    const core = process.env["FARHAND_BENCH_CORE"] ?? standIn;
    const syncs: SyncResult[] = [];
    for (const count of [1000, 10_000]) {
      const panel = await startNode(core, folder);
      syncs.push(await measureSync(panel, count));
      await panel.stop();
    }
    const panel = await startNode(standIn, folder);
    const polls = await measurePolls(panel);
    await panel.stop();
    return { syncs, ...polls };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
