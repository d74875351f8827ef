// A fleet of simulated agents on real sockets before the whole daemon: what it takes, how soon viewers see it, and what
// it costs in memory.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import { CREDENTIALS, freePort, startDaemon } from "./daemon.ts";
import type { RunningDaemon } from "./daemon.ts";
import type { FleetLoadOptions } from "./fleet-load.ts";
import { cpuMs, mainThreadMs } from "./process-cpu.ts";
import { makeFleet, SimulatedAgents } from "./simulated-fleet.ts";
import type { SimulatedFleet } from "./simulated-fleet.ts";
import { percentile } from "./statistics.ts";

export interface FleetResult {
  readonly dialect: Dialect;
  readonly agents: number;
  readonly reportsPerSecond: number;
  /** Reports that were sent and not taken, and connections that broke. */
  readonly dropped: number;
  readonly lostConnections: number;
  /** Reports for each second in which the main thread ran: what one core would sustain. */
  readonly perCoreSecond: number;
  /** Share of one core that the daemon's main thread, and all its threads, were busy. */
  readonly mainThreadShare: number;
  readonly processShare: number;
  /** From an agent's report to a viewer that asks for the fleet all the time. */
  readonly viewerP50Ms: number;
  readonly viewerP99Ms: number;
  /** Reports that the viewer never saw. */
  readonly unseen: number;
  /** Before anybody looked. */
  readonly residentMiB: number;
}

type Dialect = FleetLoadOptions["dialect"];

/** A viewer's question follows the answer to the last one after this. */
const ASK_AGAIN_MS = 200;
const MARKS_EVERY_MS = 300;

async function takenReports(daemon: RunningDaemon): Promise<number> {
  const url = `http://127.0.0.1:${daemon.port}/native/fleet/metrics`;
  const text = await (await fetch(url, { headers: CREDENTIALS })).text();
  return Number(/^farhand_hub_reports_total (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

function opened(url: string, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** One agent whose reports bear marks, and one viewer that looks for them in what the whole fleet's page is sent. */
class Stopwatch {
  readonly times: number[] = [];
  readonly #agent: WebSocket;
  readonly #viewer: WebSocket;
  readonly #waiting = new Map<number, number>();
  #mark = 1;

  private constructor(agent: WebSocket, viewer: WebSocket, uuid: string) {
    this.#agent = agent;
    this.#viewer = viewer;
    viewer.on("message", (data) => {
      if (data instanceof Uint8Array)
        this.#look(Buffer.from(data.buffer, data.byteOffset, data.length), uuid);
      setTimeout(() => {
        this.#ask();
      }, ASK_AGAIN_MS);
    });
    this.#ask();
  }

  static async start(port: number, { probe }: SimulatedFleet): Promise<Stopwatch> {
    const base = `ws://127.0.0.1:${port}/api/clients`;
    const agent = await opened(`${base}/report?token=${probe.token}`, {});
    return new Stopwatch(agent, await opened(base, CREDENTIALS), probe.uuid);
  }

  mark(): void {
    this.#waiting.set(this.#mark, performance.now());
    this.#agent.send(JSON.stringify({ cpu: { usage: 1 }, uptime: 1, process: this.#mark }));
    this.#mark += 1;
  }

  close(): void {
    this.#agent.terminate();
    this.#viewer.terminate();
  }

  #ask(): void {
    if (this.#viewer.readyState === WebSocket.OPEN) this.#viewer.send("get");
  }

  /** Without parsing megabytes: the report follows its node's name in `data`, where the last mention is. */
  #look(frame: Buffer, uuid: string): void {
    const now = performance.now();
    const at = frame.lastIndexOf(uuid);
    const found = /"process":(\d+)/.exec(frame.toString("latin1", Math.max(0, at), at + 1500));
    for (const [mark, sentAt] of this.#waiting) {
      if (mark > Number(found?.[1] ?? 0)) continue;
      this.#waiting.delete(mark);
      this.times.push(now - sentAt);
    }
  }
}

/** While nobody looks: what taking the reports costs. */
async function workOf(daemon: RunningDaemon, seconds: number) {
  const startedAt = performance.now();
  const taken = await takenReports(daemon);
  const busy = { main: mainThreadMs(daemon.pid), all: cpuMs(daemon.pid) };
  await pause(seconds * 1000);
  const mainMs = mainThreadMs(daemon.pid) - busy.main;
  const allMs = cpuMs(daemon.pid) - busy.all;
  const reports = (await takenReports(daemon)) - taken;
  const wallMs = performance.now() - startedAt;
  return {
    reportsPerSecond: (reports * 1000) / wallMs,
    perCoreSecond: (reports * 1000) / mainMs,
    mainThreadShare: mainMs / wallMs,
    processShare: allMs / wallMs,
  };
}

async function viewerTimes(daemon: RunningDaemon, fleet: SimulatedFleet, marks: number) {
  const stopwatch = await Stopwatch.start(daemon.port, fleet);
  for (let mark = 0; mark < marks; mark += 1) {
    stopwatch.mark();
    await pause(MARKS_EVERY_MS);
  }
  // The last ones are on their way.
  await pause(3000);
  stopwatch.close();
  const { times } = stopwatch;
  return {
    viewerP50Ms: percentile(times, 0.5),
    viewerP99Ms: percentile(times, 0.99),
    unseen: marks - times.length,
  };
}

/** Everything that was sent arrives within a moment, or is lost. */
async function dropped(daemon: RunningDaemon, sent: number, others: number): Promise<number> {
  let missing = Number.NaN;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    missing = sent + others - (await takenReports(daemon));
    if (missing <= 0) break;
    await pause(100);
  }
  return Math.max(0, missing);
}

/** Everybody speaks the same; the one agent whose reports bear marks is one of Komari's. */
export async function hubFleet(
  dialect: Dialect,
  agents: number,
  seconds: number,
): Promise<FleetResult> {
  const folder = mkdtempSync(join(tmpdir(), "farhand-bench-fleet-"));
  const fleet = await makeFleet(folder, agents);
  const tokens = join(folder, "tokens");
  writeFileSync(tokens, fleet.tokens.join("\n"));
  const grpcPort = await freePort();
  const daemon = await startDaemon({
    dataDir: folder,
    tls: false,
    env: {
      FARHAND__ROLES: "hub",
      FARHAND__HUB__MAX_NODES: String(agents + 1),
      FARHAND__HUB__NEZHA__LISTEN: dialect === "nezha" ? `127.0.0.1:${grpcPort}` : "",
    },
  });
  const port = dialect === "nezha" ? grpcPort : daemon.port;
  const load = new SimulatedAgents({ dialect, port, tokens, opening: 200 });
  try {
    await load.untilConnected(agents);
    // Code is warm then, and the heap has found its size.
    await pause(2 * seconds * 1000);
    const work = await workOf(daemon, seconds);
    const residentMiB = daemon.residentMiB();
    const marks = Math.floor((seconds * 1000) / MARKS_EVERY_MS);
    const times = await viewerTimes(daemon, fleet, marks);
    const { lost: lostConnections } = load.state;
    await load.finish();
    const missing = await dropped(daemon, load.state.sent, marks);
    return { dialect, agents, ...work, ...times, dropped: missing, lostConnections, residentMiB };
  } finally {
    load.stop();
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
