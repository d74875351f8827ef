import { randomUUID } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { TerminalEndCode } from "../protocol/fleet/terminal.ts";
import { ControlBusyError } from "./control.ts";
import type { StreamEnd, Terminal } from "./control.ts";
import { createStreamPair } from "./stream-pair.ts";

export interface TerminalLimits {
  /** Nothing sent either way for this long ends a terminal. */
  readonly idleMs: number;
  /** No terminal is open for longer. */
  readonly longestMs: number;
}

export interface TerminalDeskOptions {
  readonly clock: Clock;
  readonly limits: TerminalLimits;
}

export interface TerminalOrder {
  readonly user: string;
  readonly node: number;
  /** Called once, with how long it was open. */
  readonly onEnd: (reason: TerminalEndCode, openMs: number) => void;
}

const JOIN_WITHIN_MS = 30_000;
const MAX_TERMINALS = 64;
const MAX_PER_NODE = 4;
const MAX_PER_USER = 16;

interface OpenTerminal {
  readonly order: TerminalOrder;
  readonly viewer: StreamEnd;
  readonly agent: StreamEnd;
  isJoined: boolean;
  /** Monotonic milliseconds. */
  readonly openedAt: number;
  lastAt: number;
}

/** The terminals that are open, and those that wait for their agent. */
export class TerminalDesk {
  readonly #options: TerminalDeskOptions;
  readonly #byStream = new Map<string, OpenTerminal>();

  constructor(options: TerminalDeskOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#byStream.size;
  }

  /** Throws `ControlBusyError` when one more would be too many. */
  demandRoom(user: string, node: number): void {
    const orders = Array.from(this.#byStream.values(), ({ order }) => order);
    const isFull =
      orders.length >= MAX_TERMINALS ||
      orders.filter((order) => order.node === node).length >= MAX_PER_NODE ||
      orders.filter((order) => order.user === user).length >= MAX_PER_USER;
    if (isFull) throw new ControlBusyError("Too many terminals are open");
  }

  /** A terminal that waits for its agent. Its name has 122 random bits, and is of use to that one agent only. */
  add(order: TerminalOrder): Terminal {
    const { clock } = this.#options;
    const stream = randomUUID();
    const openedAt = clock.monotonic();
    const pair = createStreamPair({
      onActivity: () => {
        terminal.lastAt = clock.monotonic();
      },
      onEnd: (reason) => {
        stopWaiting();
        this.#byStream.delete(stream);
        order.onEnd(reason, clock.monotonic() - openedAt);
      },
    });
    const terminal: OpenTerminal = {
      order,
      ...pair,
      isJoined: false,
      openedAt,
      lastAt: openedAt,
    };
    this.#byStream.set(stream, terminal);
    const stopWaiting = clock.setTimer(JOIN_WITHIN_MS, () => {
      if (!terminal.isJoined) terminal.viewer.close("agentSilent");
    });
    return { stream, end: terminal.viewer };
  }

  /** The agent's end, once, for the node that was asked. */
  join(node: number, stream: string): StreamEnd | undefined {
    const terminal = this.#byStream.get(stream);
    if (terminal === undefined || terminal.isJoined || terminal.order.node !== node) {
      return undefined;
    }
    terminal.isJoined = true;
    return terminal.agent;
  }

  /** Ends those that are open for too long, or that nobody uses. */
  tick(): void {
    const { clock, limits } = this.#options;
    const now = clock.monotonic();
    for (const { viewer, openedAt, lastAt } of this.#byStream.values()) {
      if (now - lastAt >= limits.idleMs) viewer.close("idle");
      else if (now - openedAt >= limits.longestMs) viewer.close("timeLimit");
    }
  }

  /** Ends all terminals of a node. */
  closeNode(node: number, reason: TerminalEndCode): void {
    for (const { order, viewer } of this.#byStream.values()) {
      if (order.node === node) viewer.close(reason);
    }
  }

  close(reason: TerminalEndCode): void {
    for (const { viewer } of this.#byStream.values()) viewer.close(reason);
  }
}
