// Simulated agents in a process of their own: bare sockets with frames made by hand, so that they cost less than what
// they load. Arguments: a JSON object of FleetLoadOptions. Prints JSON lines: a FleetLoadState every second.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { AgentSocket } from "./agent-socket.ts";
import { KomariAgent } from "./komari-agent.ts";
import { NezhaAgent } from "./nezha-agent.ts";

export interface FleetLoadOptions {
  readonly dialect: "komari" | "nezha";
  /** Where agents of the dialect connect. */
  readonly port: number;
  /** File with a token on each line. */
  readonly tokens: string;
  /** The first so many of them have an agent; default: all. */
  readonly agents?: number;
  /** Connections that are opened at once. */
  readonly opening: number;
}

export interface FleetLoadState {
  readonly connected: number;
  readonly lost: number;
  readonly sent: number;
  /** Orders to ping that were answered. */
  readonly pings: number;
  /** Told once, after SIGTERM: nothing more is sent, but the connections stay. */
  readonly isDone: boolean;
}

/** Reports are spread over the second, as those of a real fleet are. */
const TICK_MS = 10;
const TICKS = 1000 / TICK_MS;

/** Opens whoever is not connected, again and again: a daemon may refuse some of a whole fleet that comes at once. */
async function keepOpen(agents: readonly AgentSocket[], opening: number): Promise<never> {
  for (;;) {
    const missing = agents.filter(({ isOpen }) => !isOpen);
    for (let first = 0; first < missing.length; first += opening) {
      await Promise.all(missing.slice(first, first + opening).map((agent) => agent.open()));
    }
    await pause(1000);
  }
}

function tell(agents: readonly AgentSocket[], sent: number, isDone: boolean): void {
  const state: FleetLoadState = {
    connected: agents.filter(({ isOpen }) => isOpen).length,
    lost: agents.reduce((sum, { losses }) => sum + losses, 0),
    sent,
    pings: agents.reduce((sum, { pings }) => sum + pings, 0),
    isDone,
  };
  process.stdout.write(`${JSON.stringify(state)}\n`);
}

async function run({ port, tokens, opening, ...options }: FleetLoadOptions): Promise<void> {
  const Agent = options.dialect === "komari" ? KomariAgent : NezhaAgent;
  const lines = readFileSync(tokens, "utf8").split("\n");
  const agents = lines
    .filter((line) => line !== "")
    .slice(0, options.agents)
    .map((token, index) => new Agent(index, port, token));
  // Who is there reports at once: a hub sends those away who are silent for long.
  void keepOpen(agents, opening);
  const startedAt = performance.now();
  let sent = 0;
  const end = { hasCome: false };
  process.once("SIGTERM", () => {
    end.hasCome = true;
  });
  for (let tick = 0; !end.hasCome; tick += 1) {
    for (let index = tick % TICKS; index < agents.length; index += TICKS) {
      if (agents[index]?.send(Math.floor(tick / TICKS)) === true) sent += 1;
    }
    if (tick % TICKS === TICKS - 1) tell(agents, sent, false);
    // Also when it is late: sockets have their turn in between.
    await pause(Math.max(0, startedAt + (tick + 1) * TICK_MS - performance.now()));
  }
  tell(agents, sent, true);
}

const options: FleetLoadOptions = JSON.parse(process.argv[2] ?? "{}");
await run(options);
