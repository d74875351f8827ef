import type { AgentLink, AgentSession, AgentTask } from "../../../hub/ingest.ts";
import { streamTaskData } from "../../../protocol/nezha/io-stream.ts";
import { EMPTY_TASK } from "../../../protocol/nezha/messages.ts";
import type { NezhaTask } from "../../../protocol/nezha/messages.ts";
import { TASK_TYPE } from "../../../protocol/nezha/service.ts";
import { taskCodec } from "../../../protocol/nezha/shared.ts";
import type { Caller } from "./gate.ts";
import { CallRefusal, STATUS } from "./refusal.ts";
import { bufferOf, failStream, writeTo } from "./stream.ts";
import type { AgentStream } from "./stream.ts";

/** A peer that was heard of so recently is there: another one with its identity has to wait. */
const PRESENT_MS = 12_000;
const PROBES = { icmp: TASK_TYPE.icmpPing, tcp: TASK_TYPE.tcpPing, http: TASK_TYPE.httpGet };
/** Komari's targets may leave it out. */
const DEFAULT_PORT = 80;

export interface ConnectionOptions {
  readonly caller: Caller;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** The number under which the agent is told of a command. */
  readonly numberOf: (run: string) => number;
  /** The peer is to give a sign of life to the session. */
  readonly onAsk: (connection: AgentConnection) => void;
  readonly onClose: (connection: AgentConnection) => void;
}

function tcpTarget(target: string): string {
  const hasPort = /:\d+$/.test(target) && (!target.includes("::") || target.startsWith("["));
  return hasPort ? target : `${target}:${DEFAULT_PORT}`;
}

/**
 * The long streams of one agent, which live and die together. Calls that are answered at once belong to the node, not
 * to the connection: behind a proxy each may come through a connection of its own.
 */
export class AgentConnection implements AgentLink {
  readonly caller: Caller;
  /** Set right after this is made. */
  session: AgentSession | undefined;
  /** Monotonic milliseconds of the last report, or of the beginning. */
  heardMs: number;
  #tasks: AgentStream | undefined;
  #states: AgentStream | undefined;
  #isOpen = true;
  /** Ping tasks that were sent and not answered. */
  readonly #asked = new Set<number>();
  readonly #options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.caller = options.caller;
    this.heardMs = options.nowMs;
  }

  get hasTasks(): boolean {
    return this.#tasks !== undefined;
  }

  get hasStates(): boolean {
    return this.#states !== undefined;
  }

  /** As the gRPC library names it; empty before the first stream. */
  get peer(): string {
    return (this.#tasks ?? this.#states)?.getPeer() ?? "";
  }

  isPresent(nowMs: number): boolean {
    return nowMs - this.heardMs < PRESENT_MS;
  }

  useTasks(stream: AgentStream): void {
    this.#tasks = stream;
    this.#follow(stream);
  }

  useStates(stream: AgentStream): void {
    this.#states = stream;
    this.#follow(stream);
  }

  send(task: AgentTask): boolean {
    if (task.kind === "command") {
      const id = this.#options.numberOf(task.run);
      return this.#write({ id, type: TASK_TYPE.command, data: task.command });
    }
    if (task.kind === "terminal") {
      const data = streamTaskData(task.stream);
      return this.#write({ ...EMPTY_TASK, type: TASK_TYPE.terminal, data });
    }
    const data = task.type === "tcp" ? tcpTarget(task.target) : task.target;
    const isSent = this.#write({ id: task.task, type: PROBES[task.type], data });
    if (isSent) this.#asked.add(task.task);
    return isSent;
  }

  /** A task as it is, encoded once for many. */
  sendEncoded(task: Buffer): void {
    if (this.#tasks !== undefined && !writeTo(this.#tasks, task)) {
      this.end(new CallRefusal(STATUS.resourceExhausted, "tasks are not read"));
    }
  }

  /** Whether this was asked, and not answered before. */
  takeAsked(task: number): boolean {
    return this.#asked.delete(task);
  }

  ask(): void {
    this.#options.onAsk(this);
  }

  /** By the hub. */
  close(reason: string): void {
    this.end(new CallRefusal(STATUS.unknown, reason));
  }

  /** Ends the streams and the session; without a reason in good order. */
  end(reason?: CallRefusal): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.session?.close();
    for (const stream of [this.#tasks, this.#states]) {
      if (stream === undefined) continue;
      if (reason === undefined) stream.end();
      else failStream(stream, reason);
    }
    this.#options.onClose(this);
  }

  /** An agent tears down both streams when it loses one. */
  #follow(stream: AgentStream): void {
    stream.once("close", () => {
      this.end(new CallRefusal(STATUS.unavailable, "the other stream has ended"));
    });
  }

  #write(task: NezhaTask): boolean {
    return this.#tasks !== undefined && writeTo(this.#tasks, bufferOf(taskCodec.encode(task)));
  }
}
