// What the stock front end asks for thirty days of one node, over HTTP to the whole daemon, while a fleet reports: in a
// database with ninety days of every node.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startDaemon } from "./daemon.ts";
import type { RunningDaemon } from "./daemon.ts";
import { seedHistory } from "./seeded-history.ts";
import { makeFleet, SimulatedAgents } from "./simulated-fleet.ts";
import type { SimulatedFleet } from "./simulated-fleet.ts";
import { percentile } from "./statistics.ts";

export interface RecordTimes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly kib: number;
}

export interface RecordsResult {
  /** Of which `nodes` have a past. */
  readonly agents: number;
  readonly load: RecordTimes;
  readonly ping: RecordTimes;
  /** Reports and answers to pings in each second meanwhile. */
  readonly reportsPerSecond: number;
  readonly pingsPerSecond: number;
}

export interface HubRecordsResult {
  readonly nodes: number;
  readonly days: number;
  readonly bytesPerNodeDay: number;
  readonly seedSeconds: number;
  readonly results: readonly RecordsResult[];
  /** Lines of the daemon's log about a database that is locked. */
  readonly locked: number;
}

export interface HubRecordsOptions {
  /** With a past, of which so many are written minute by minute. */
  readonly nodes: number;
  readonly written: number;
  readonly days: number;
  /** Of each kind. */
  readonly requests: number;
  /** Each is a run of its own, on the same file. */
  readonly fleets: readonly number[];
}

const PING_TASKS = 10;
const MINUTE_MS = 60_000;
/** So much comes first, until code and caches are warm. */
const WARM_UP = 40;
/** Somebody looks at one node after the other. */
const BETWEEN_MS = 20;

/** Bytes of the answer. Rejects unless it is one with records. */
function get(agent: Agent, port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, agent }, (response) => {
      let [bytes, start] = [0, ""];
      response.on("data", (data: Buffer) => {
        if (bytes === 0) start = data.toString("latin1", 0, 80);
        bytes += data.length;
      });
      response.once("end", () => {
        if (/"count":[1-9]/.test(start)) resolve(bytes);
        else reject(new Error(`${path}: ${response.statusCode} ${start}`));
      });
    });
    call.once("error", reject);
    call.end();
  });
}

function timesOf(samples: readonly number[], bytes: number): RecordTimes {
  const p50Ms = percentile(samples, 0.5);
  return { p50Ms, p99Ms: percentile(samples, 0.99), kib: bytes / 1024 };
}

/** One request after the other, load and pings of one node after the other. */
async function readTimes(port: number, uuids: readonly string[], requests: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const samples = { load: new Array<number>(), ping: new Array<number>() };
  const bytes = { load: 0, ping: 0 };
  for (let round = -WARM_UP; round < requests; round += 1) {
    const uuid = uuids[(round + WARM_UP) % uuids.length] ?? "";
    for (const kind of ["load", "ping"] as const) {
      const startedAt = performance.now();
      bytes[kind] = await get(agent, port, `/api/records/${kind}?uuid=${uuid}&hours=720`);
      if (round >= 0) samples[kind].push(performance.now() - startedAt);
      await pause(BETWEEN_MS);
    }
  }
  agent.destroy();
  return { load: timesOf(samples.load, bytes.load), ping: timesOf(samples.ping, bytes.ping) };
}

interface Place {
  readonly tokens: string;
  readonly fleet: SimulatedFleet;
  readonly options: HubRecordsOptions;
}

async function measure(daemon: RunningDaemon, agents: number, place: Place) {
  const { tokens, fleet, options } = place;
  const { port } = daemon;
  const load = new SimulatedAgents({ dialect: "komari", port, tokens, agents, opening: 200 });
  try {
    await load.untilConnected(agents);
    // Everybody has been asked to ping at least once then.
    await pause(MINUTE_MS / 2);
    const [before, startedAt] = [load.state, performance.now()];
    const uuids = fleet.nodes.slice(0, options.nodes).map(({ uuid }) => uuid);
    const times = await readTimes(daemon.port, uuids, options.requests);
    const seconds = (performance.now() - startedAt) / 1000;
    const reportsPerSecond = (load.state.sent - before.sent) / seconds;
    const pingsPerSecond = (load.state.pings - before.pings) / seconds;
    return { agents, ...times, reportsPerSecond, pingsPerSecond };
  } finally {
    load.stop();
  }
}

export async function hubRecords(options: HubRecordsOptions): Promise<HubRecordsResult> {
  const { nodes, written, days, fleets } = options;
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-records-"));
  try {
    const most = Math.max(nodes, ...fleets);
    const fleet = await makeFleet(folder, most, PING_TASKS);
    const seeded = await seedHistory({
      path: join(folder, "hub.db"),
      nodes: fleet.nodes.slice(0, nodes).map(({ id }) => id),
      written,
      tasks: fleet.tasks,
      days,
      until: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS,
    });
    const [tokens, logPath] = [join(folder, "tokens"), join(folder, "log")];
    writeFileSync(tokens, fleet.tokens.join("\n"));
    const env = { FARHAND__ROLES: "hub" };
    const results: RecordsResult[] = [];
    for (const agents of fleets) {
      const daemon = await startDaemon({ dataDir: folder, tls: false, env, logPath });
      try {
        results.push(await measure(daemon, agents, { tokens, fleet, options }));
      } finally {
        await daemon.stop();
      }
    }
    const said = readFileSync(logPath, "utf8").split("\n");
    return {
      nodes,
      days,
      bytesPerNodeDay: seeded.bytesPerNodeDay,
      seedSeconds: seeded.seconds,
      results,
      locked: said.filter((line) => /database is locked|SQLITE_BUSY/i.test(line)).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
