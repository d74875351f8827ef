import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/app.ts";
import type { App, AppOptions } from "../../src/app.ts";
import { loadConfig } from "../../src/config/load.ts";
import { resolveBoard } from "../../src/config/resolve-board.ts";
import type { Config } from "../../src/config/schema.ts";
import type { SettingsKeeper } from "../../src/config/settings.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Device } from "../../src/device/device.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import type { FileStore } from "../../src/platform/files/port.ts";
import { createLogSink } from "../../src/platform/journal/log-sink.ts";
import { createMemoryJournal } from "../../src/platform/journal/memory.ts";
import type { PtyHost } from "../../src/platform/pty/port.ts";
import { createSimPlatform } from "../../src/platform/sim.ts";
import type { SimPlatform, SimSeed } from "../../src/platform/sim.ts";
import type { LineMaker } from "../../src/platform/sim/serial.ts";
import type { DeviceRole } from "../../src/roles/device.ts";
import type { Role } from "../../src/roles/role.ts";
import { httpCall, httpStream } from "./http-request.ts";
import type { HttpOptions, HttpReply, HttpStream } from "./http-request.ts";
import { connectWs } from "./ws-client.ts";
import type { WsClient } from "./ws-client.ts";

export const OWNER = { user: "admin", password: "correct horse" } as const;

/** Header credentials of the owner. */
export const OWNER_HEADERS = {
  "X-KVMD-User": OWNER.user,
  "X-KVMD-Passwd": OWNER.password,
} as const;

export interface TestAppOptions {
  /** Part of the configuration file; the rest is set for tests: plain HTTP on a free port of 127.0.0.1. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly seed?: SimSeed;
  /** Real time by default. */
  readonly clock?: Clock;
  readonly files?: FileStore;
  readonly makeLine?: LineMaker;
  /** Real pseudo-terminals by default. */
  readonly pty?: PtyHost;
  /** Told of every route. */
  readonly onRoute?: AppOptions["onRoute"];
  /** Sets the simulated hardware up before the app sees it. */
  readonly prepare?: (platform: SimPlatform) => void | Promise<void>;
  /** Who closes the app; by default the end of the running test does. */
  readonly onClose?: (close: () => Promise<void>) => void;
  /** A folder that outlives the app; by default one of its own, removed with it. */
  readonly dataDir?: string;
  /** Folder of the built pages; without it none are served. */
  readonly webRoot?: string;
  /** Where nothing is kept by default. */
  readonly settings?: SettingsKeeper;
}

/** The whole program on the simulated board, listening. */
export interface TestApp {
  readonly app: App;
  readonly device: Device;
  readonly platform: SimPlatform;
  readonly config: Config;
  readonly url: string;
  /** Of the account that this start made; empty without one. */
  readonly ownerPassword: string;
  /** JSON lines of the log so far. */
  readonly logLines: readonly string[];
  /** A request with the owner's credentials; `headers` replaces them. */
  call(method: string, path: string, options?: HttpOptions): Promise<HttpReply>;
  /** The `result` of a successful GET. */
  get<T>(path: string): Promise<T>;
  stream(path: string): Promise<HttpStream>;
  /** A WebSocket with the owner's credentials. */
  ws(path?: string, headers?: Readonly<Record<string, string>>): Promise<WsClient>;
  /** Ends it before the test does. */
  close(): Promise<void>;
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(base: Tree, more: Tree): Tree {
  const merged = Object.entries(more).map(([key, value]) => {
    const existing = base[key];
    return [key, isTree(existing) && isTree(value) ? merge(existing, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** A complete configuration for tests, with the simulated board's values. */
export async function testConfig(dataDir: string, more: Tree): Promise<Config> {
  const tree = merge(
    {
      dataDir,
      platform: "sim",
      http: { host: "127.0.0.1", port: 0, tls: { mode: "off" } },
      auth: { initialUser: OWNER.user, initialPassword: OWNER.password },
    },
    more,
  );
  const path = join(dataDir, "test.yaml");
  const result = await loadConfig({
    file: path,
    env: {},
    // JSON is YAML.
    readFile: (name) => Promise.resolve(name === path ? JSON.stringify(tree) : undefined),
  });
  if (!result.ok) {
    throw new Error(result.problems.map(({ path: at, rule }) => `${at}: ${rule}`).join("\n"));
  }
  return resolveBoard(result.loaded, "sim").config;
}

/** What is handed on as it is. */
function partsOf({ onRoute, settings, webRoot }: TestAppOptions): Partial<AppOptions> {
  return {
    ...(onRoute === undefined ? {} : { onRoute }),
    ...(settings === undefined ? {} : { settings }),
    ...(webRoot === undefined ? {} : { webRoot }),
  };
}

/** Starts the program; the end of the test closes it. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { clock = systemClock } = options;
  // Not tempDir(): this folder must outlive the closing of the app.
  const ownDir = mkdtempSync(join(tmpdir(), "farhand-app-"));
  const config = await testConfig(options.dataDir ?? ownDir, options.config ?? {});
  const journal = createMemoryJournal({ clock });
  const logLines: string[] = [];
  const stdout = { write: (line: string) => logLines.push(line) };
  const log = pino({ level: "debug" }, createLogSink({ journal, stdout, pretty: false, clock }));
  const platform = await createSimPlatform({
    clock,
    log,
    files: options.files ?? createFileStore(),
    journal,
    datagrams: { send: () => Promise.resolve() },
    service: {
      ready: () => undefined,
      stopping: () => undefined,
      status: () => undefined,
      watchdogMs: undefined,
      alive: () => undefined,
    },
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.makeLine === undefined ? {} : { makeLine: options.makeLine }),
    ...(options.pty === undefined ? {} : { pty: options.pty }),
  });
  await options.prepare?.(platform);
  let ownerPassword = "";
  const app = await createApp({
    ...partsOf(options),
    config,
    platform,
    log,
    onOwner: ({ password }) => {
      ownerPassword = password;
    },
  });
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    await app.close();
    await platform.close();
    rmSync(ownDir, { recursive: true, force: true });
  };
  const close = (): Promise<void> => {
    closing ??= shutDown();
    return closing;
  };
  (options.onClose ?? onTestFinished)(close);
  const { port } = await app.listen();
  return {
    ...clientOf(`http://127.0.0.1:${port}`),
    ownerPassword,
    app,
    // Other roles than the device have none.
    get device() {
      return deviceOf(app);
    },
    platform,
    config,
    logLines,
    close,
  };
}

function isDeviceRole(role: Role): role is DeviceRole {
  return role.name === "device";
}

function deviceOf({ roles }: App): Device {
  const role = roles.find(isDeviceRole);
  if (role === undefined) throw new Error("The app has no device role");
  return role.device;
}

function clientOf(url: string): Pick<TestApp, "url" | "call" | "get" | "stream" | "ws"> {
  const call: TestApp["call"] = (method, path, options = {}) =>
    httpCall(url, path, { headers: OWNER_HEADERS, ...options, method });
  return {
    url,
    call,
    async get<T>(path: string): Promise<T> {
      const { status, body } = await call("GET", path);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
      const { result }: { result: T } = JSON.parse(body);
      return result;
    },
    stream: (path) => httpStream(url, path, { headers: OWNER_HEADERS }),
    ws: (path = "/api/ws?stream=0", headers = OWNER_HEADERS) => connectWs(url, path, headers),
  };
}
