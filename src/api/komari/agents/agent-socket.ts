/** One agent's connection of either version (Komari 1.5, 1.7). */
import type { WebSocket } from "ws";
import type { Clock } from "../../../core/clock.ts";
import type { AgentLink, AgentSession, AgentTask } from "../../../hub/ingest.ts";
import { isTree, parseJson } from "../../../protocol/komari/commands.ts";
import type { Tree } from "../../../protocol/komari/commands.ts";
import { orderText } from "../../../protocol/komari/orders.ts";
import {
  readRpcRequest,
  rpcErrorText,
  rpcResultText,
} from "../../../protocol/komari/agent-messages.ts";
import { MOST_REPORT_BYTES } from "./bodies.ts";
import type { Intake, Taken } from "./intake.ts";
import { errorBody } from "./parts.ts";
import { SilentLosses } from "./silent-losses.ts";
import { callRpc, PARSE_ERROR } from "./rpc-calls.ts";

/** RFC 6455 7.4.1: policy violation. */
const REFUSED = 1008;
/** How long a peer that is sent away may take to say goodbye. */
const GOODBYE_MS = 1000;
/** More than this on its way to an agent that does not read, and nothing is added. */
const FULL_BYTES = 256 * 1024;
/** Bad messages within a minute: the first ones are answered, and after many the connection ends. */
const ANSWERED_MISTAKES = 10;
const MOST_MISTAKES = 60;
const MISTAKES_FOR_MS = 60_000;
const MOST_IGNORED = 32;

export interface AgentSocketOptions {
  readonly socket: WebSocket;
  readonly version: 1 | 2;
  readonly intake: Intake;
  readonly clock: Clock;
}

export class AgentSocket implements AgentLink {
  readonly #options: AgentSocketOptions;
  #session: AgentSession | undefined;
  #losses: SilentLosses | undefined;
  #mistakes = 0;
  #mistakesSince = 0;
  #isFirst = true;
  #ignored = 0;

  constructor(options: AgentSocketOptions) {
    this.#options = options;
  }

  /** Listens; before it nothing is taken. */
  begin(session: AgentSession): void {
    this.#session = session;
    const { socket } = this.#options;
    socket.on("message", (data) => {
      // With the default of `ws` a message is one buffer.
      if (Buffer.isBuffer(data)) this.#receive(data);
    });
    socket.on("pong", () => {
      session.sign();
    });
    socket.once("close", () => {
      session.close();
    });
  }

  ask(): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  send(task: AgentTask): boolean {
    const { version, clock } = this.#options;
    const isSent = this.#write(orderText(task, version));
    if (isSent && version === 1 && task.kind === "ping") {
      this.#losses ??= new SilentLosses();
      const isLost = this.#losses.asked(task.task, clock.monotonic());
      if (isLost) this.#session?.ping({ task: task.task, elapsedMs: undefined });
    }
    return isSent;
  }

  close(reason: string): void {
    const { socket, clock } = this.#options;
    socket.close(REFUSED, reason);
    const cancel = clock.setTimer(GOODBYE_MS, () => {
      socket.terminate();
    });
    socket.once("close", cancel);
  }

  #write(text: string): boolean {
    const { socket } = this.#options;
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > FULL_BYTES) return false;
    socket.send(text);
    return true;
  }

  #receive(data: Buffer): void {
    const session = this.#session;
    if (session?.isOpen !== true) {
      this.#ignore();
      return;
    }
    if (data.length > MOST_REPORT_BYTES) {
      this.#options.intake.oversize();
      this.#mistake("Message too large");
      return;
    }
    const value = parseJson(data.toString("utf8"));
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#options.version === 2) this.#receive2(session, value);
    else this.#receive1(session, value, isFirst);
  }

  /** Some frames were on their way when the connection ended; a flood does not wait for the goodbye. */
  #ignore(): void {
    this.#ignored += 1;
    if (this.#ignored > MOST_IGNORED) this.#options.socket.terminate();
  }

  #receive1(session: AgentSession, value: unknown, isFirst: boolean): void {
    if (!isTree(value)) {
      this.#options.intake.malformed();
      this.#mistake("Invalid JSON");
      // Stock servers end a connection that does not even begin well.
      if (isFirst) this.#giveUp("This is no agent");
      return;
    }
    const { type } = value;
    if (type === undefined || type === "" || type === "report") {
      this.#complain(this.#options.intake.report(session, value), "Invalid report format");
    } else if (type === "ping_result") {
      this.#pingResult(session, value);
    } else {
      this.#options.intake.malformed();
      this.#mistake("Unknown message type");
    }
  }

  #pingResult(session: AgentSession, value: Tree): void {
    const { task_id: task } = value;
    if (typeof task === "number") this.#losses?.answered(task);
    this.#complain(this.#options.intake.ping(session, value), "Invalid ping result format");
  }

  #complain(taken: Taken, text: string): void {
    if (taken === "malformed") this.#mistake(text);
  }

  #receive2(session: AgentSession, value: unknown): void {
    const request = readRpcRequest(value);
    if (request === undefined) {
      this.#options.intake.malformed();
      this.#mistake(rpcErrorText(undefined, PARSE_ERROR));
      return;
    }
    const outcome = callRpc(this.#options.intake, session, request);
    const { id } = request;
    // A notification is not answered, not even when it fails.
    if (id === undefined && outcome.ok) return;
    if (outcome.ok) this.#write(rpcResultText(id, outcome.result));
    else this.#mistake(id === undefined ? undefined : rpcErrorText(id, outcome.problem));
  }

  #mistake(text: string | undefined): void {
    const { clock, version } = this.#options;
    const now = clock.monotonic();
    if (now - this.#mistakesSince > MISTAKES_FOR_MS) {
      this.#mistakes = 0;
      this.#mistakesSince = now;
    }
    this.#mistakes += 1;
    if (this.#mistakes > MOST_MISTAKES) this.#giveUp("This agent sends too much that is wrong");
    else if (text !== undefined && this.#mistakes <= ANSWERED_MISTAKES) {
      this.#write(version === 1 ? errorBody(text) : text);
    }
  }

  #giveUp(reason: string): void {
    this.#session?.close();
    this.close(reason);
  }
}
