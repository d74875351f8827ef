import { every } from "../../../core/clock.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Logger } from "../../../core/log.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { AgentIdentity, AgentSession } from "../../../hub/ingest.ts";
import { NodeNotFoundError } from "../../../hub/registry.ts";
import { EMPTY_TASK } from "../../../protocol/nezha/messages.ts";
import type { NezhaState } from "../../../protocol/nezha/messages.ts";
import { TASK_TYPE } from "../../../protocol/nezha/service.ts";
import { taskCodec } from "../../../protocol/nezha/shared.ts";
import { AgentConnection } from "./connection.ts";
import { reportOfState } from "./figures.ts";
import type { Caller } from "./gate.ts";
import { isFrom104 } from "./generation.ts";
import type { Peers } from "./peers.ts";
import { CallRefusal, STATUS } from "./refusal.ts";
import { bufferOf } from "./stream.ts";
import type { AgentStream } from "./stream.ts";

export interface AgentsOptions {
  readonly hub: Hub;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly log: Logger;
}

const TICK_MS = 1000;
/** Agents of some versions give up after 30 s without a task; those of v0 are content with less (Nezha facts 1.7). */
const KEEPALIVE_SECONDS = { v0: 60, v1: 20 };
/** Longer than an agent without Internet needs for finding that out. */
const SILENT_MS = 300_000;
/** Commands whose outcome is still awaited. */
const MAX_COMMANDS = 1000;
const KEEPALIVE = bufferOf(taskCodec.encode({ ...EMPTY_TASK, type: TASK_TYPE.keepalive }));
const QUIET_MS = 60_000;

interface SentCommand {
  readonly node: number;
  readonly run: string;
}

/** The agents that are connected: which streams belong together, and who came first. */
export class Agents {
  readonly #options: AgentsOptions;
  readonly #connections = new Map<number, AgentConnection>();
  readonly #commands = new Map<number, SentCommand>();
  readonly #stop: () => void;
  /** Never 0, and unlike in every run of this program: late outcomes of an earlier one must not fit. */
  #lastCommand: number;
  #second = 0;
  #warnedMs = Number.NEGATIVE_INFINITY;

  constructor(options: AgentsOptions) {
    this.#options = options;
    this.#lastCommand = Math.floor(options.clock.now() / 1000) * 1000;
    this.#stop = every(options.clock, TICK_MS, () => {
      this.#tick();
    });
  }

  get count(): number {
    return this.#connections.size;
  }

  /** For calls that are answered at once. Throws `CallRefusal` for a node that was removed meanwhile. */
  sessionOf(caller: Caller): AgentSession {
    const session = this.#connections.get(caller.node)?.session;
    if (session?.isOpen === true) return session;
    return attempt(() => this.#options.hub.ingest.visit(identityOf(caller)));
  }

  connectionOf(caller: Caller): AgentConnection | undefined {
    return this.#connections.get(caller.node);
  }

  /** The stream becomes the way to this agent. Throws `CallRefusal` while another machine is there. */
  openTasks(caller: Caller, stream: AgentStream): AgentConnection {
    const connection = this.#join(caller, ({ hasTasks }) => hasTasks);
    connection.useTasks(stream);
    return connection;
  }

  /** As above, for reports. */
  openStates(caller: Caller, stream: AgentStream): AgentConnection {
    const connection = this.#join(caller, ({ hasStates }) => hasStates);
    connection.useStates(stream);
    return connection;
  }

  report(caller: Caller, state: NezhaState): void {
    const { hub, clock } = this.#options;
    const node = hub.registry.byId(caller.node);
    if (node === undefined) throw new CallRefusal(STATUS.unauthenticated, "the node is gone");
    const connection = this.#connections.get(caller.node);
    if (connection?.caller.address === caller.address) connection.heardMs = clock.monotonic();
    this.sessionOf(caller).report(reportOfState(state, node.facts));
  }

  /** The run behind the number of a command, once, and only for the node that it was sent to. */
  takeCommand(node: number, id: number): string | undefined {
    const sent = this.#commands.get(id);
    if (sent?.node !== node) return undefined;
    this.#commands.delete(id);
    return sent.run;
  }

  close(reason: string): void {
    this.#stop();
    for (const connection of this.#connections.values()) {
      connection.end(new CallRefusal(STATUS.unavailable, reason));
    }
  }

  /** The agent's own connection, or a new one that takes the place of one that is silent. */
  #join(caller: Caller, isTaken: (connection: AgentConnection) => boolean): AgentConnection {
    const { clock } = this.#options;
    const before = this.#connections.get(caller.node);
    if (before !== undefined) {
      const { address, generation } = before.caller;
      const isSame = address === caller.address && generation === caller.generation;
      if (isSame && !isTaken(before)) return before;
      if (before.isPresent(clock.monotonic())) this.#refuseSecond(caller, address);
    }
    return this.#open(caller);
  }

  #open(caller: Caller): AgentConnection {
    const { hub, clock } = this.#options;
    const connection = new AgentConnection({
      caller,
      nowMs: clock.monotonic(),
      numberOf: (run) => this.#remember({ node: caller.node, run }),
      onAsk: (asked) => {
        this.#ask(asked);
      },
      onClose: (closed) => {
        if (this.#connections.get(caller.node) === closed) this.#connections.delete(caller.node);
      },
    });
    // Ends the one before, in whatever dialect it is.
    connection.session = attempt(() => hub.ingest.attach(identityOf(caller), connection));
    this.#connections.set(caller.node, connection);
    return connection;
  }

  /** With a task where the agent answers it: to what is below all calls a proxy would answer. */
  #ask(connection: AgentConnection): void {
    const { hub, peers } = this.#options;
    if (isFrom104(connection.caller, hub)) connection.sendEncoded(KEEPALIVE);
    else {
      peers.ask(connection.peer, () => {
        connection.session?.sign();
      });
    }
  }

  #refuseSecond({ node, address }: Caller, other: string): never {
    const { hub, clock, log } = this.#options;
    hub.ingest.count("duplicate");
    const nowMs = clock.monotonic();
    if (nowMs - this.#warnedMs > QUIET_MS) {
      this.#warnedMs = nowMs;
      log.warn({ node, address, other }, "Two machines report as the same node");
    }
    throw new CallRefusal(STATUS.unknown, "another machine reports with this identity");
  }

  #remember(command: SentCommand): number {
    this.#lastCommand += 1;
    this.#commands.set(this.#lastCommand, command);
    if (this.#commands.size > MAX_COMMANDS) {
      for (const oldest of this.#commands.keys()) {
        this.#commands.delete(oldest);
        break;
      }
    }
    return this.#lastCommand;
  }

  #tick(): void {
    this.#second += 1;
    const nowMs = this.#options.clock.monotonic();
    for (const connection of this.#connections.values()) {
      const { generation, node } = connection.caller;
      // Not all of a large fleet in the same second.
      const isTurn = (this.#second + node) % KEEPALIVE_SECONDS[generation] === 0;
      if (nowMs - connection.heardMs > SILENT_MS) {
        connection.end(new CallRefusal(STATUS.unavailable, "no report for too long"));
      } else if (isTurn) connection.sendEncoded(KEEPALIVE);
    }
  }
}

function identityOf({ node, generation, address }: Caller): AgentIdentity {
  return { node, dialect: `nezha ${generation}`, remoteAddress: address };
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NodeNotFoundError)) throw error;
    throw new CallRefusal(STATUS.unauthenticated, "the node is gone");
  }
}
