import { ForbiddenError } from "../../../http/auth/errors.ts";
import type { RecordedAct } from "../../../http/auth/recorder.ts";
import { NodeNotFoundError } from "../../../hub/registry.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { actorOf } from "./call.ts";
import type { CallParts, Caller, KomariCall, Params } from "./call.ts";
import type { IssuedTokens } from "./issued-tokens.ts";
import { codeOf, textOf } from "./params.ts";

// What the calls of admins share.

export interface AdminParts extends CallParts {
  readonly tokens: IssuedTokens;
}

export function adminCall(
  summary: string,
  run: KomariCall["run"],
  positions?: readonly string[],
): KomariCall {
  return { access: "admin", summary, run, ...(positions === undefined ? {} : { positions }) };
}

/** The node that `uuid` names. Throws `NodeNotFoundError`. */
export function nodeOf({ hub }: Pick<CallParts, "hub">, params: Params): NodeRecord {
  const node = hub.registry.byUuid(textOf(params, "uuid"));
  if (node === undefined) throw new NodeNotFoundError("Client not found");
  return node;
}

/** Ids of nodes. Throws `NodeNotFoundError` for one that is unknown. */
export function nodeIds({ hub }: Pick<CallParts, "hub">, uuids: readonly string[]): number[] {
  return uuids.map((uuid) => nodeOf({ hub }, { uuid }).id);
}

/** Writes down what an admin wants done, and only then does it (`Audit.act`). */
export function record<T>(
  { hub }: Pick<CallParts, "hub">,
  caller: Caller,
  act: RecordedAct<T>,
  work: () => T | Promise<T>,
): Promise<T> {
  return hub.audit.act({ ...act, actor: actorOf(caller) }, work);
}

/** The one-time code once more before a dangerous act (Komari 2.4). Rejects when it is missing or wrong. */
export async function confirmAct(
  { auth }: Pick<CallParts, "auth">,
  caller: Caller,
  params: Params,
): Promise<void> {
  if (caller.principal === null) throw new ForbiddenError();
  const code = codeOf(params);
  await auth.confirm(caller.principal, code === "" ? caller.code : code, caller.address);
}
