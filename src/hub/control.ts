import { AppError } from "../core/errors.ts";
import { TERMINAL_ENDS } from "../protocol/fleet/terminal.ts";
import type { TerminalEndCode } from "../protocol/fleet/terminal.ts";
import type { Actor } from "./audit.ts";

/** An act that no admin has allowed on this node. */
export class NotAllowedOnNodeError extends AppError {
  static readonly code = "NOT_ALLOWED_ON_NODE";
  constructor(what: string, options?: ErrorOptions) {
    super(
      "forbidden",
      NotAllowedOnNodeError.code,
      `${what} is switched off for this node; an admin can allow it`,
      options,
    );
  }
}

/** The node is offline, or its agent did not take the request. */
export class NodeUnreachableError extends AppError {
  static readonly code = "NODE_UNREACHABLE";
  constructor(message = "The node is not connected", options?: ErrorOptions) {
    super("unavailable", NodeUnreachableError.code, message, options);
  }
}

/** As much is going on as is allowed: terminals, or commands that nodes have not answered. */
export class ControlBusyError extends AppError {
  static readonly code = "CONTROL_BUSY";
  constructor(message: string, options?: ErrorOptions) {
    super("rateLimited", ControlBusyError.code, message, options);
  }
}

/** The hub has kept no such command, or none of this node. */
export class CommandRunNotFoundError extends AppError {
  static readonly code = "COMMAND_RUN_NOT_FOUND";
  constructor(message = "Task not found", options?: ErrorOptions) {
    super("notFound", CommandRunNotFoundError.code, message, options);
  }
}

/** What admins allow on a node. Everything is off until somebody switches it on; the agent has to allow it as well. */
export interface NodePermissions {
  readonly command: boolean;
  readonly terminal: boolean;
}

export interface CommandOutcome {
  /** `NodeRecord.id`. */
  readonly node: number;
  /** At most 1 MiB of text. */
  readonly output: string;
  /** Undefined while it runs, and for agents that do not tell. */
  readonly exitCode: number | undefined;
  /** Epoch milliseconds; undefined while it runs. */
  readonly finishedAt: number | undefined;
}

export interface CommandRun {
  /** 16 letters and digits; also what the agent is told. */
  readonly id: string;
  readonly command: string;
  readonly user: string;
  readonly startedAt: number;
  readonly outcomes: readonly CommandOutcome[];
}

/** One end of a terminal's stream. Both ends have the same shape; what one sends the other receives, in order. */
export interface StreamEnd {
  /**
   * Hands bytes to the other end, which now owns them. False when the other end is behind: wait for `onDrain`. Ends the
   * stream with a reason when more than 4 MiB wait all the same.
   */
  send(bytes: Uint8Array): boolean;
  onReceive(listener: (bytes: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  /** Tells the other end whether this one can take more. */
  setPaused(isPaused: boolean): void;
  /** Size of the window in characters, as the viewer says. */
  resize(columns: number, rows: number): void;
  onResize(listener: (columns: number, rows: number) => void): void;
  /** Ends both ends. Idempotent. */
  close(reason: TerminalEndCode): void;
  /** Called once, also when it has ended already. */
  onClose(listener: (reason: TerminalEndCode) => void): void;
}

const isEndCode = (reason: string): reason is TerminalEndCode =>
  Object.hasOwn(TERMINAL_ENDS, reason);

/** Why a terminal has ended, or why there is none, in English. */
export function terminalEndText(why: string | Error): string {
  if (typeof why !== "string") return why.message;
  return isEndCode(why) ? TERMINAL_ENDS[why] : why;
}

/** A viewer's terminal on a node. */
export interface Terminal {
  /** What the agent is told, and joins with; hard to guess. */
  readonly stream: string;
  readonly end: StreamEnd;
}

/**
 * Acts of people on nodes: all need the role admin (the caller's access check), the node's permission and a row in the
 * audit table before anything is sent.
 */
export interface FleetControl {
  permissions(node: number): NodePermissions;
  /**
   * Recorded. What is taken away counts at once, and ends open terminals, also when it cannot be written: it is back
   * after a restart then. Rejects with `NodeNotFoundError`, `NotAllowedOnNodeError` or `StorageError`.
   */
  permit(actor: Actor, node: number, permissions: Partial<NodePermissions>): Promise<void>;
  /** Starts a command on each node. Rejects with `NotAllowedOnNodeError` when one of them does not allow it: none runs then. */
  run(actor: Actor, nodes: readonly number[], command: string): Promise<CommandRun>;
  commandRun(id: string): Promise<CommandRun | undefined>;
  /** Newest first. */
  commandRuns(limit: number): Promise<readonly CommandRun[]>;
  /** The agent's answer. False for a run that is not this node's or has ended. */
  finish(node: number, outcome: { id: string; output: string; exitCode?: number }): boolean;
  /**
   * Asks the agent for a terminal. Bytes may be sent at once; they wait for the agent. Rejects with
   * `NotAllowedOnNodeError`, `NodeUnreachableError` or `StorageError`.
   */
  openTerminal(actor: Actor, node: number): Promise<Terminal>;
  /** The agent's end of a stream that waits for this node, once; undefined for any other. */
  joinTerminal(node: number, stream: string): StreamEnd | undefined;
}
