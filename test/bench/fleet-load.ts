// Simulated Komari agents in a process of their own: bare sockets with frames made by hand, so that they cost less than
// what they load. Arguments: a JSON object of FleetLoadOptions. Prints JSON lines: a FleetLoadState every second.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface FleetLoadOptions {
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A masked text frame; the mask of zeros leaves the text as it is. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = 0x81;
  head[1] = 0x80 | 126;
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** The text frames that are whole; what the hub sends is short and not masked. */
function* textsOf(data: Buffer): Generator<string> {
  for (let at = 0; at + 4 <= data.length;) {
    const isLong = data[at + 1] === 126;
    const head = isLong ? 4 : 2;
    const length = isLong ? data.readUInt16BE(at + 2) : (data[at + 1] ?? 0);
    if (data[at] === 0x81) yield data.toString("utf8", at + head, at + head + length);
    at += head + length;
  }
}

/** The answer to an order to ping; everything else that a hub says needs none. */
function pingAnswer(order: string): Buffer | undefined {
  const task = Number(/"ping_task_id":(\d+)/.exec(order)?.[1] ?? 0);
  if (task === 0) return undefined;
  const params = { task_id: task, ping_type: "icmp", value: 20 + task * 10 };
  return frameOf(JSON.stringify({ jsonrpc: "2.0", method: "agent.pingResult", params }));
}

function reportText(index: number, second: number): string {
  const used = 4e9 + ((index * 7919 + second * 104_729) % 1e9);
  return JSON.stringify({
    jsonrpc: "2.0",
    method: "agent.report",
    params: {
      report: {
        cpu: { usage: 1 + ((index + second * 13) % 97) + 0.123_456 },
        ram: { total: 8_589_934_592, used },
        swap: { total: 536_866_816, used: 4096 * second },
        load: { load1: 0.11 + (second % 10) / 10, load5: 0.08, load15: 0.02 },
        disk: { total: 21_003_583_488, used: 6_442_450_944 + second * 4096 },
        network: {
          up: 2048 + index,
          down: 10_240 + second,
          totalUp: 9_935_855_576 + second * 2048,
          totalDown: 32_250_973_581 + second * 10_240,
        },
        connections: { tcp: 31 + (second % 7), udp: 6 },
        uptime: 864_000 + second,
        process: 118 + (second % 5),
        message: "",
      },
    },
  });
}

/** One agent: upgrades, then sends what it is given, and comes back when it is cut off. */
class Agent {
  readonly index: number;
  readonly #path: string;
  readonly #port: number;
  #socket: Socket | undefined;
  isOpen = false;
  losses = 0;
  pings = 0;

  constructor(index: number, port: number, token: string) {
    this.index = index;
    this.#port = port;
    this.#path = `/api/clients/v2/rpc?token=${token}`;
  }

  open(): Promise<void> {
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.write(
      `GET ${this.#path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    return new Promise((resolve) => {
      socket.once("data", (answer) => {
        this.isOpen = answer.toString("latin1").startsWith("HTTP/1.1 101");
        if (!this.isOpen) socket.destroy();
        resolve();
      });
      socket.on("data", (data) => {
        // A ping of the server without content: answered, or it would think that nobody is there.
        if (data[0] === 0x89) socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
        for (const text of this.isOpen ? textsOf(data) : []) this.#answer(text);
      });
      socket.once("close", () => {
        this.losses += this.isOpen ? 1 : 0;
        this.isOpen = false;
        resolve();
      });
      socket.on("error", () => undefined);
    });
  }

  send(second: number): boolean {
    if (!this.isOpen) return false;
    this.#socket?.write(frameOf(reportText(this.index, second)));
    return true;
  }

  #answer(text: string): void {
    const answer = pingAnswer(text);
    if (answer === undefined) return;
    this.#socket?.write(answer);
    this.pings += 1;
  }
}

async function openAll(agents: readonly Agent[], opening: number): Promise<void> {
  for (let first = 0; first < agents.length; first += opening) {
    await Promise.all(agents.slice(first, first + opening).map((agent) => agent.open()));
  }
  const missing = agents.filter(({ isOpen }) => !isOpen);
  // Refused or timed out: the daemon was not quick enough for the whole fleet at once.
  if (missing.length === 0) return;
  await pause(1000);
  await openAll(missing, opening);
}

function tell(agents: readonly Agent[], sent: number, isDone: boolean): void {
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
  const lines = readFileSync(tokens, "utf8").split("\n");
  const agents = lines
    .filter((line) => line !== "")
    .slice(0, options.agents)
    .map((token, index) => new Agent(index, port, token));
  await openAll(agents, opening);
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
    const wait = startedAt + (tick + 1) * TICK_MS - performance.now();
    if (wait > 0) await pause(wait);
  }
  tell(agents, sent, true);
}

const options: FleetLoadOptions = JSON.parse(process.argv[2] ?? "{}");
await run(options);
