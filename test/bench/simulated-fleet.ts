// Agents on real sockets in a process of their own, and the nodes that they report for.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { silentLogger } from "../../src/core/log.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createHub } from "../../src/hub/create-hub.ts";
import type { ProbeTaskSettings } from "../../src/hub/probes.ts";
import type { NodeRecord } from "../../src/hub/registry.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import type { FleetLoadOptions, FleetLoadState } from "./fleet-load.ts";
import { DEFAULT_RETENTION } from "./seeded-history.ts";

const PING_SECONDS = 60;
const CONNECT_WITHIN_MS = 300_000;

function pingTask(index: number): ProbeTaskSettings {
  return {
    name: `Ping ${index}`,
    type: "icmp",
    target: `192.0.2.${index}`,
    intervalSeconds: PING_SECONDS,
    cover: "except",
    nodes: [],
    weight: index,
    isDefaultOn: true,
  };
}

/** Nodes that agents may report for, and one more to measure with. */
export interface SimulatedFleet {
  readonly tokens: readonly string[];
  /** Of the same nodes, as the database and as clients know them. */
  readonly nodes: readonly { readonly id: number; readonly uuid: string }[];
  readonly probe: { readonly token: string; readonly uuid: string };
  /** Ping tasks that all nodes have. */
  readonly tasks: readonly number[];
}

/** The nodes are there before the daemon starts: making them is not what is measured. */
export async function makeFleet(
  folder: string,
  agents: number,
  pingTasks = 0,
): Promise<SimulatedFleet> {
  const engine = new WorkerEngine(new URL("./hub-storage-worker.js", import.meta.url));
  const base = { clock: systemClock, log: silentLogger };
  const path = join(folder, "hub.db");
  const storage = await openHubStorage({ ...base, path, retention: DEFAULT_RETENTION, engine });
  const hub = await createHub({ ...base, storage, maxNodes: agents + 1, saveSeconds: 1 });
  const tokens: string[] = [];
  const nodes: NodeRecord[] = [];
  for (let index = 0; index < agents; index += 1) {
    const { node, token } = await hub.registry.add({ notes: { name: `node ${index}` } });
    tokens.push(token);
    nodes.push(node);
  }
  const { node, token } = await hub.registry.add({ notes: { name: "probe" } });
  const tasks: number[] = [];
  for (let index = 1; index <= pingTasks; index += 1) {
    tasks.push((await hub.probes.add(pingTask(index))).id);
  }
  await hub.close();
  return { tokens, nodes, probe: { token, uuid: node.uuid }, tasks };
}

/** Agents in a process of their own, and the newest that it has told. */
export class SimulatedAgents {
  readonly #child: ChildProcess;
  #state: FleetLoadState = { connected: 0, lost: 0, sent: 0, pings: 0, isDone: false };

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

  /** Rejects when it takes too long. */
  async untilConnected(agents: number): Promise<void> {
    const deadline = performance.now() + CONNECT_WITHIN_MS;
    while (this.#state.connected < agents) {
      if (performance.now() > deadline) {
        throw new Error(`Only ${this.#state.connected} of ${agents} agents are connected`);
      }
      await pause(100);
    }
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
