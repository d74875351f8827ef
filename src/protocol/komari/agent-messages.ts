/** What agents send beside reports, in the shapes of both protocol versions (Komari 1.5, 1.7, 1.9, 1.10). */
import { isTree } from "./commands.ts";
import type { Tree } from "./commands.ts";

const MAX_ID = 128;
const MAX_ACKNOWLEDGED = 256;

export interface AgentPingResult {
  readonly task: number;
  /** Undefined when it was lost. */
  readonly elapsedMs: number | undefined;
}

/** Undefined when it is none. What is below zero was lost. */
export function readPingResult(value: unknown): AgentPingResult | undefined {
  if (!isTree(value)) return undefined;
  const { task_id: task, value: elapsed } = value;
  if (typeof task !== "number" || !Number.isSafeInteger(task) || task < 0) return undefined;
  if (typeof elapsed !== "number" || !Number.isFinite(elapsed)) return undefined;
  return { task, elapsedMs: elapsed < 0 ? undefined : elapsed };
}

export interface AgentTaskResult {
  readonly id: string;
  readonly output: string;
  readonly exitCode: number | undefined;
}

/** Undefined when it is none. */
export function readTaskResult(value: unknown): AgentTaskResult | undefined {
  if (!isTree(value)) return undefined;
  const { task_id: id, result: output = "", exit_code: exitCode } = value;
  if (typeof id !== "string" || id === "" || id.length > MAX_ID) return undefined;
  if (typeof output !== "string") return undefined;
  const isCode = typeof exitCode === "number" && Number.isSafeInteger(exitCode);
  return { id, output, exitCode: isCode ? exitCode : undefined };
}

/** Text or number; what a request does not have stays undefined, and such a request is a notification. */
export type RpcId = string | number | undefined;

export interface RpcRequest {
  readonly id: RpcId;
  /** Empty when it has none. */
  readonly method: string;
  readonly params: Tree;
  readonly isVersion2: boolean;
}

const NO_PARAMS: Tree = {};

function idOf(value: unknown): RpcId {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.length <= MAX_ID ? value : undefined;
}

/** Undefined when it is no object. */
export function readRpcRequest(value: unknown): RpcRequest | undefined {
  if (!isTree(value)) return undefined;
  const { id, method, params, jsonrpc } = value;
  return {
    id: idOf(id),
    method: typeof method === "string" ? method : "",
    params: isTree(params) ? params : NO_PARAMS,
    isVersion2: jsonrpc === "2.0",
  };
}

/** Identifiers of events that were received, out of the parameters of a report or pull. */
export function acknowledgedOf(params: Tree): readonly string[] {
  const ids = params["ack_event_ids"];
  if (!Array.isArray(ids)) return [];
  const isId = (id: unknown): id is string => typeof id === "string" && id.length <= MAX_ID;
  return ids.slice(0, MAX_ACKNOWLEDGED).filter(isId);
}

export function rpcResultText(id: RpcId, result: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

export interface RpcProblem {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

export function rpcErrorText(id: RpcId, error: RpcProblem): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error });
}
