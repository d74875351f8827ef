import { every } from "../../core/clock.ts";
import type { ClientSocket } from "../../platform/web/port.ts";
import { errorText, parseCommand } from "../../protocol/komari/commands.ts";
import { pingResultText, rpcText } from "../../protocol/komari/rpc.ts";
import type { KomariPingResult } from "../../protocol/komari/rpc.ts";
import { KomariProtocolError } from "./komari-errors.ts";
import type { KomariReporter, KomariSource } from "./source.ts";
import type { KomariTasks } from "./tasks.ts";

const PING_EVERY_MS = 20_000;
/** Nothing from the server for so long, not even an answer to a ping: the connection is half-open. */
const SILENCE_MS = 50_000;

export interface SocketSessionOptions {
  readonly socket: ClientSocket;
  readonly version: 1 | 2;
  readonly source: KomariSource;
  readonly reporter: KomariReporter;
  readonly tasks: KomariTasks;
  /** Sends the node's description anew; its failures are its own business. */
  readonly describe: () => void;
  readonly signal: AbortSignal;
}

type Fail = (message: string) => void;

class SocketSession {
  readonly #options: SocketSessionOptions;
  readonly #releases: (() => void)[] = [];
  #heardAt: number;
  #complaint: string | undefined;

  constructor(options: SocketSessionOptions) {
    this.#options = options;
    this.#heardAt = options.source.clock.monotonic();
  }

  begin(fail: Fail): void {
    const { socket, source, describe, signal } = this.#options;
    const { clock, intervalMs, infoIntervalMs, facts } = source;
    const onAbort = (): void => {
      fail("stopped");
    };
    const report = (): void => {
      if (!this.#report()) fail("The server takes no more reports");
    };
    const lookAlive = (): void => {
      if (clock.monotonic() - this.#heardAt > SILENCE_MS) fail("The server is silent");
      else socket.ping();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#releases.push(
      () => {
        signal.removeEventListener("abort", onAbort);
      },
      socket.onMessage((message) => {
        this.#receive(message);
      }),
      socket.onPong(() => {
        this.#heardAt = clock.monotonic();
      }),
      socket.onClose((reason) => {
        const complaint = this.#complaint;
        fail(complaint === undefined ? reason : `${reason}; it had said: ${complaint}`);
      }),
      every(clock, intervalMs, report),
      every(clock, PING_EVERY_MS, lookAlive),
      every(clock, infoIntervalMs, describe),
      facts.subscribe(describe),
    );
    report();
  }

  end(): void {
    for (const release of this.#releases) release();
    this.#options.socket.close();
  }

  #report(): boolean {
    const { socket, reporter, version } = this.#options;
    const report = reporter.report();
    return socket.send(
      version === 2 ? rpcText("agent.report", { report }) : JSON.stringify(report),
    );
  }

  #receive(message: string | Uint8Array): void {
    const { source, tasks } = this.#options;
    this.#heardAt = source.clock.monotonic();
    if (typeof message !== "string") return;
    const command = parseCommand(message);
    if (command !== undefined) {
      // Longer than this connection: a command is not stopped half-way because the line broke.
      tasks.take(command, this.#sendPingResult, this.#options.signal);
      return;
    }
    const complaint = errorText(message);
    if (complaint === undefined) return;
    this.#complaint = complaint;
    source.log.debug({ complaint }, "complaint of the server");
  }

  readonly #sendPingResult = (result: KomariPingResult): void => {
    const { socket, version } = this.#options;
    socket.send(version === 2 ? rpcText("agent.pingResult", result) : pingResultText(result));
  };
}

/** Reports over an open socket. Returns only by rejecting, with the reason why the socket is not usable any more. */
export async function runSocketSession(options: SocketSessionOptions): Promise<never> {
  const session = new SocketSession(options);
  try {
    return await new Promise<never>((_resolve, reject) => {
      session.begin((message) => {
        reject(new KomariProtocolError(message, 0));
      });
    });
  } finally {
    session.end();
  }
}
