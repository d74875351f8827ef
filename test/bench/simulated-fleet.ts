// Agents on real sockets in a process of their own, and the nodes that they report for.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { silentLogger } from "../../src/core/log.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import type { FleetLoadOptions, FleetLoadState } from "./fleet-load.ts";

const RETENTION = { minuteDays: 7, quarterDays: 90, hourDays: 730 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Nodes that agents may report for, and one more to measure with. */
export interface SimulatedFleet {
  readonly tokens: readonly string[];
  readonly probe: { readonly token: string; readonly uuid: string };
}

/** The nodes are there before the daemon starts: making them is not what is measured. */
export async function makeFleet(folder: string, agents: number): Promise<SimulatedFleet> {
  const engine = new WorkerEngine(new URL("./hub-storage-worker.js", import.meta.url));
  const base = { clock: systemClock, log: silentLogger };
  const path = join(folder, "hub.db");
  const storage = await openHubStorage({ ...base, path, retention: RETENTION, engine });
  const hub = await createHub({ ...base, storage, maxNodes: agents + 1, saveSeconds: 1 });
  const tokens: string[] = [];
  for (let index = 0; index < agents; index += 1) {
    tokens.push((await hub.registry.add({ notes: { name: `node ${index}` } })).token);
  }
  const { node, token } = await hub.registry.add({ notes: { name: "probe" } });
  await hub.close();
  return { tokens, probe: { token, uuid: node.uuid } };
}

/** Agents in a process of their own, and the newest that it has told. */
export class SimulatedAgents {
  readonly #child: ChildProcess;
  #state: FleetLoadState = { connected: 0, lost: 0, sent: 0, isDone: false };

  constructor(options: FleetLoadOptions) {
    const program = new URL("./fleet-load.js", import.meta.url).pathname;
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface(child.stdout).on("line", (line) => {
      this.#state = JSON.parse(line);
    });
    this.#child = child;
  }

  get state(): FleetLoadState {
    return this.#state;
  }

  async untilConnected(agents: number): Promise<void> {
    while (this.#state.connected < agents) await pause(100);
  }

  /** Everything that will be sent is sent then. */
  async finish(): Promise<void> {
    this.#child.kill("SIGTERM");
    while (!this.#state.isDone) await pause(50);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
