import { AgentSocket } from "./agent-socket.ts";

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

/** Of version 2: upgrades, then sends what it is given, and comes back when it is cut off. */
export class KomariAgent extends AgentSocket {
  readonly #path: string;

  constructor(index: number, port: number, token: string) {
    super(index, port);
    this.#path = `/api/clients/v2/rpc?token=${token}`;
  }

  protected override greeting(): Buffer {
    return Buffer.from(
      `GET ${this.#path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
  }

  protected override report(second: number): Buffer {
    return frameOf(reportText(this.index, second));
  }

  protected override take(data: Buffer): void {
    if (!this.isOpen) {
      this.isOpen = data.toString("latin1").startsWith("HTTP/1.1 101");
      if (!this.isOpen) this.leave();
      return;
    }
    // A ping of the server without content: answered, or it would think that nobody is there.
    if (data[0] === 0x89) this.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
    for (const text of textsOf(data)) {
      const answer = pingAnswer(text);
      if (answer === undefined) continue;
      this.write(answer);
      this.pings += 1;
    }
  }
}
