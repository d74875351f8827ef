/** Version 2: JSON-RPC 2.0 (Komari 1.7). */
import { parseJson } from "./commands.ts";
import type { KomariPingType } from "./commands.ts";
import type { KomariBasicInfo, KomariReport } from "./report.ts";

export interface KomariPingResult {
  readonly task_id: number;
  readonly ping_type: KomariPingType;
  /** Whole milliseconds; -1 = lost. */
  readonly value: number;
  readonly finished_at: string;
}

interface Methods {
  "agent.report": { readonly report: KomariReport; readonly ack_event_ids?: readonly string[] };
  "agent.basicInfo": { readonly info: KomariBasicInfo };
  "agent.pingResult": KomariPingResult;
  "agent.pull": {
    readonly capabilities: readonly string[];
    readonly ack_event_ids?: readonly string[];
  };
}

/** Text of a request; without an id it is a notification, which a socket does not answer. */
export function rpcText<M extends keyof Methods>(
  method: M,
  params: Methods[M],
  id?: string,
): string {
  return JSON.stringify(
    id === undefined ? { jsonrpc: "2.0", method, params } : { jsonrpc: "2.0", id, method, params },
  );
}

export type RpcAnswer =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly code: number; readonly message: string }
  /** No JSON-RPC: the server has no version 2, or something stands between. */
  | { readonly kind: "foreign" };

export function parseRpcAnswer(text: string): RpcAnswer {
  const answer = parseJson(text);
  if (typeof answer !== "object" || answer === null || Reflect.get(answer, "jsonrpc") !== "2.0") {
    return { kind: "foreign" };
  }
  const error: unknown = Reflect.get(answer, "error");
  if (typeof error !== "object" || error === null) {
    return { kind: "result", result: Reflect.get(answer, "result") };
  }
  const code: unknown = Reflect.get(error, "code");
  const message: unknown = Reflect.get(error, "message");
  return { kind: "error", code: Number(code), message: String(message) };
}

/** A ping result as version 1 writes it on its socket. */
export function pingResultText(result: KomariPingResult): string {
  return JSON.stringify({ type: "ping_result", ...result });
}
