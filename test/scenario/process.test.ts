import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { until } from "../../src/core/store.ts";
import { createCh9329Chip } from "../../src/platform/sim/ch9329-chip.ts";
import { createPtyPair } from "../../src/platform/sim/pty-pair.ts";
import { createTargetPc } from "../../src/platform/sim/target-pc.ts";
import type { TargetPc } from "../../src/platform/sim/target-pc.ts";
import type { RouteRow } from "../../src/cli/route-list.ts";
import { OWNER_HEADERS } from "../support/create-test-app.ts";
import { httpCall } from "../support/http-request.ts";
import { REPOSITORY } from "../support/source-tree.ts";
import { spawnDaemon } from "../support/spawned-daemon.ts";
import type { ExitStatus, SpawnedDaemon } from "../support/spawned-daemon.ts";
import { connectWs } from "../support/ws-client.ts";

const ADDRESS = /ready: (https?):\/\/[^\s]+:(\d+)\//;
const START = join(REPOSITORY, "scripts", "start.mjs");
const KNOWN_OWNER = {
  FARHAND__AUTH__INITIAL_USER: OWNER_HEADERS["X-KVMD-User"],
  FARHAND__AUTH__INITIAL_PASSWORD: OWNER_HEADERS["X-KVMD-Passwd"],
};

/** How long each daemon took until it served. */
const startTimes = new WeakMap<SpawnedDaemon, number>();

/** The base address once the daemon serves. */
async function addressOf(daemon: SpawnedDaemon): Promise<string> {
  const [, scheme, port] = await daemon.untilOutput(ADDRESS);
  startTimes.set(daemon, performance.now() - daemon.startedAt);
  return `${scheme}://127.0.0.1:${port}`;
}

interface End extends ExitStatus {
  readonly ms: number;
  /** A second; on a machine so busy that the start took longer, as long as that. */
  readonly limitMs: number;
}

/** How the daemon ends, and after how long. */
async function endOf(daemon: SpawnedDaemon): Promise<End> {
  const askedAt = performance.now();
  const status = await daemon.exited;
  const limitMs = Math.max(1000, startTimes.get(daemon) ?? 0);
  return { ...status, ms: performance.now() - askedAt, limitMs };
}

const ONE_TIME_PASSWORD = /password\W+(?:is\s+)?([a-z0-9]+(?:-[a-z0-9]+)+)/i;

describe("the list of routes", () => {
  it("has every address that the daemon has, with whose it is and who may use it", async () => {
    const env = { FARHAND__ROLES: "device,hub" };
    const listing = spawnDaemon({ args: ["routes", "--json"], env });
    expect((await listing.exited).code).toBe(0);
    const rows: readonly RouteRow[] = JSON.parse(listing.output);
    const found = (path: RegExp): readonly string[] =>
      rows.flatMap(({ method, url, dialect, access }) =>
        method === "GET" && path.test(url) ? [`${url} ${dialect} ${access}`] : [],
      );
    expect(found(/^\/(?:console|fleet|health)$/)).toEqual([
      "/console http public",
      "/fleet http public",
      "/health http public",
    ]);
    expect(found(/^\/assets\/.*js$/).length).toBeGreaterThan(3);
    expect(found(/^\/api\/(?:atx|admin\/settings|v1\/server\/list|token)$/)).toEqual([
      "/api/admin/settings komari admin",
      "/api/atx kvmd viewer",
      "/api/token nezha viewer",
      "/api/v1/server/list nezha viewer",
    ]);
    expect(found(/^\/native\/(?:settings|accounts|fleet\/accounts)$|^\/redfish\/v1\/?$/)).toEqual([
      "/native/accounts native admin",
      "/native/fleet/accounts fleet admin",
      "/native/settings native admin",
      "/redfish/v1 redfish public",
    ]);
    expect(rows.filter(({ access }) => access === "unstated")).toEqual([]);
  });
});

describe("the first start", () => {
  it("prints the address and a one-time password that works; the second start prints none", async () => {
    const first = spawnDaemon();
    const base = await addressOf(first);
    const [, password = ""] = await first.untilOutput(ONE_TIME_PASSWORD);
    const check = await httpCall(base, "/api/auth/check", {
      headers: { "X-KVMD-User": "admin", "X-KVMD-Passwd": password },
    });
    expect(check.status).toBe(200);
    first.signal("SIGTERM");
    await first.exited;
    const second = spawnDaemon({ env: { FARHAND__DATA_DIR: first.dataDir } });
    await addressOf(second);
    expect(second.output).not.toContain(password);
    const [, command = ""] = await first.untilOutput(/Change it with: node (\S.*) set admin/);
    const [entry = "", ...args] = command.split(" ");
    const list = spawnDaemon({ entry, args: [...args, "list"] });
    expect(await list.exited).toEqual({ code: 0, signal: null });
    expect(list.output).toContain("admin");
  });

  it("tells the password of the account it made also when the port is taken", async () => {
    const other = spawnDaemon();
    const { port } = new URL(await addressOf(other));
    const failed = spawnDaemon({ env: { FARHAND__HTTP__PORT: port } });
    expect(await failed.exited).toEqual({ code: 1, signal: null });
    expect(failed.output).toContain(`Port ${port} is in use`);
    const [, password = ""] = await failed.untilOutput(ONE_TIME_PASSWORD);
    const next = spawnDaemon({ env: { FARHAND__DATA_DIR: failed.dataDir } });
    const { status } = await httpCall(await addressOf(next), "/api/auth/check", {
      headers: { "X-KVMD-User": "admin", "X-KVMD-Passwd": password },
    });
    expect(status).toBe(200);
  });

  it("says that the board is simulated", async () => {
    const daemon = spawnDaemon();
    await addressOf(daemon);
    expect(daemon.output).toContain("simulated board");
  });

  it("in a directory that cannot be written says so and serves all the same", async () => {
    const daemon = spawnDaemon({ env: { ...KNOWN_OWNER, FARHAND__DATA_DIR: "/sys/farhand" } });
    const base = await addressOf(daemon);
    await daemon.untilOutput(/\/sys\/farhand/);
    const { status } = await httpCall(base, "/api/auth/check", { headers: OWNER_HEADERS });
    expect(status).toBe(200);
  });
});

describe("a wrong configuration", () => {
  it("stops the start with status 78 and lists every problem with the nearest known key", async () => {
    const daemon = spawnDaemon({
      env: { FARHAND__HTTP__PROT: "1", FARHAND__HTTP__TLS__MODE: "on", FARHAND__ROLES: "kvm" },
    });
    expect(await daemon.exited).toEqual({ code: 78, signal: null });
    expect(daemon.output).toMatch(
      /FARHAND__HTTP__PROT[\s\S]*FARHAND__HTTP__PORT|http\.prot[\s\S]*port/i,
    );
    expect(daemon.output).toMatch(/self-signed/);
    expect(daemon.output).toMatch(/device/);
  });
});

describe("the end", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "comes within a second of %s, with clients connected",
    async (name) => {
      const daemon = spawnDaemon({ env: KNOWN_OWNER });
      const base = await addressOf(daemon);
      const client = await connectWs(base, "/api/ws", OWNER_HEADERS);
      await client.waitFor("loop");
      daemon.signal(name);
      const { code, ms, limitMs } = await endOf(daemon);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(limitMs);
      expect(await client.closed).toBe(1001);
    },
  );

  it("is as clean when the signal comes twice, as it does from npm and a terminal", async () => {
    const daemon = spawnDaemon({ entry: START, args: [], env: KNOWN_OWNER });
    await addressOf(daemon);
    daemon.signal("SIGINT");
    await daemon.untilOutput(/Stopping/);
    daemon.signal("SIGINT");
    const { code, ms, limitMs } = await endOf(daemon);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(limitMs);
  });

  it("releases the keys that are held on a real serial port", async () => {
    const { daemon, target } = await startWithSerialChip();
    const client = await connectWs(await addressOf(daemon), "/api/ws", OWNER_HEADERS);
    await client.waitFor("hid", ({ online }) => online === true);
    client.send("key", { key: "KeyA", state: true });
    await until(target.state, ({ keys }) => keys.length === 1);
    daemon.signal("SIGTERM");
    const { code, ms, limitMs } = await endOf(daemon);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(limitMs);
    expect(target.state.value.keys).toEqual([]);
  });
});

describe("settings that are taken over", () => {
  it("are those before when the new ones cannot be run with", async () => {
    const other = spawnDaemon();
    const { port } = new URL(await addressOf(other));
    const file = join(other.dataDir, "settings.yaml");
    writeFileSync(file, "roles: [device]\n");
    const daemon = spawnDaemon({ args: ["serve", "--config", file], env: KNOWN_OWNER });
    const base = await addressOf(daemon);
    writeFileSync(file, `roles: [device, hub]\nhub: { nezha: { listen: "127.0.0.1:${port}" } }\n`);
    await httpCall(base, "/native/restart", { method: "POST", headers: OWNER_HEADERS });
    const again = /not taken over[\s\S]*ready: https?:\/\/[^\s]+:(\d+)\//;
    const [, second = ""] = await daemon.untilOutput(again);
    const scheme = base.split(":")[0] ?? "";
    const { status } = await httpCall(`${scheme}://127.0.0.1:${second}`, "/health");
    expect(status).toBe(200);
    expect(daemon.output).toContain(port);
  });

  it("are refused a fleet's database that another daemon has", async () => {
    const env = { ...KNOWN_OWNER, FARHAND__ROLES: "hub" };
    const first = spawnDaemon({ env });
    await addressOf(first);
    const second = spawnDaemon({ env: { ...env, FARHAND__DATA_DIR: first.dataDir } });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output).toMatch(/hub\.db is in use by another process/);
  });
});

/** The daemon on its real platform, with a simulated chip behind a pseudo-terminal as its only hardware. */
async function startWithSerialChip(): Promise<{ daemon: SpawnedDaemon; target: TargetPc }> {
  const pair = await createPtyPair();
  const target = createTargetPc(systemClock);
  const chip = createCh9329Chip({ clock: systemClock, target, baudRate: 115_200 });
  chip.attach(pair.link, 115_200);
  onTestFinished(async () => {
    await chip.close();
    target.close();
  });
  const daemon = spawnDaemon({
    env: {
      ...KNOWN_OWNER,
      FARHAND__PLATFORM: "linux",
      FARHAND__DEVICE__HID__BACKEND: "ch9329",
      FARHAND__DEVICE__HID__SERIAL_PATH: pair.path,
      FARHAND__DEVICE__HID__BAUD_RATE: "115200",
      FARHAND__DEVICE__STREAMER__ENABLED: "false",
    },
  });
  return { daemon, target };
}

describe("npm start", () => {
  it("passes its arguments on to the daemon", async () => {
    const daemon = spawnDaemon({ entry: START, args: ["--config", "/no/such/farhand.yaml"] });
    expect(await daemon.exited).toEqual({ code: 78, signal: null });
    expect(daemon.output).toContain("/no/such/farhand.yaml");
  });
});
