/** Version 2, the same over both transports (Komari 1.7). */
import type { AgentSession } from "../../../hub/ingest.ts";
import type { RpcProblem, RpcRequest } from "../../../protocol/komari/agent-messages.ts";
import type { Intake, Taken } from "./intake.ts";

export type RpcOutcome =
  | { readonly ok: true; readonly result: object }
  | { readonly ok: false; readonly problem: RpcProblem };

export const PARSE_ERROR: RpcProblem = { code: -32_700, message: "parse error" };
const NO_EVENTS: readonly never[] = [];
const OLD_VERSION: RpcOutcome = {
  ok: false,
  problem: { code: -32_600, message: "invalid jsonrpc version" },
};
const DONE: RpcOutcome = { ok: true, result: { status: "success" } };

function outcomeOf(taken: Taken, what: string, success: RpcOutcome): RpcOutcome {
  if (taken === "taken") return success;
  const problem =
    taken === "malformed"
      ? { code: -32_602, message: `invalid ${what} params` }
      : { code: -32_000, message: `failed to save ${what}`, data: "too many requests" };
  return { ok: false, problem };
}

/** Answers everything but a pull, which has to wait. */
export function callRpc(
  intake: Intake,
  session: AgentSession,
  { method, params, isVersion2 }: RpcRequest,
  events: readonly object[] = NO_EVENTS,
): RpcOutcome {
  if (!isVersion2) {
    intake.malformed();
    return OLD_VERSION;
  }
  switch (method) {
    case "agent.report": {
      const success = { ok: true, result: { events, status: "success" } } as const;
      return outcomeOf(intake.report(session, params["report"]), "report", success);
    }
    case "agent.basicInfo":
      return outcomeOf(intake.basicInfo(session, params["info"]), "basic info", DONE);
    case "agent.pingResult":
      return outcomeOf(intake.ping(session, params), "ping result", DONE);
    case "agent.pull":
      return { ok: true, result: { events } };
    default: {
      intake.malformed();
      const problem = { code: -32_601, message: "method not found", data: method.slice(0, 64) };
      return { ok: false, problem };
    }
  }
}
