/**
 * Nodes as admins edit them (Komari 2.4). Deliberately different from the original: only what people write down can be
 * changed, never what the agent tells; a token is made here, known for an hour after that, and stored as a hash only.
 */
import { ValidationError } from "../../../core/errors.ts";
import { addedNode } from "../../../hub/audit.ts";
import { TRAFFIC_LIMIT_TYPES } from "../../../hub/registry.ts";
import type { NodeNotes } from "../../../hub/registry.ts";
import { adminCall, nodeOf, record } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import { NotOfferedError } from "./call.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { adminNode } from "./node-view.ts";
import { textOf } from "./params.ts";

const NO_TOKEN =
  "Only a hash of the token is stored. POST to this address makes a new one; the old one ends then.";

type Read = (value: unknown, field: string) => unknown;

const text: Read = (value, field) => {
  if (typeof value === "string") return value;
  throw new ValidationError(`${field} is not a text`);
};

const figure: Read = (value, field) => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new ValidationError(`${field} is not a number`);
};

const flag: Read = (value, field) => {
  if (typeof value === "boolean") return value;
  throw new ValidationError(`${field} is not true or false`);
};

const tags: Read = (value, field) =>
  String(text(value, field))
    .split(";")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

/** Undefined for null, for nothing, and for the year 1, which old front ends send for "unset". */
const time: Read = (value, field) => {
  if (value === null || value === "") return undefined;
  const at = Date.parse(String(text(value, field)));
  if (!Number.isFinite(at)) throw new ValidationError(`${field} is not a time`);
  return at < 0 ? undefined : at;
};

const limitType: Read = (value, field) => {
  const known = TRAFFIC_LIMIT_TYPES.find((type) => type === value);
  if (known !== undefined) return known;
  if (value === "") return "max";
  throw new ValidationError(`${field} is none of ${TRAFFIC_LIMIT_TYPES.join(", ")}`);
};

/** The columns that people write, and what they are here. */
const FIELDS: Readonly<Record<string, readonly [keyof NodeNotes, Read]>> = {
  name: ["name", text],
  remark: ["remark", text],
  public_remark: ["publicRemark", text],
  group: ["group", text],
  tags: ["tags", tags],
  price: ["price", figure],
  billing_cycle: ["billingCycleDays", figure],
  auto_renewal: ["isAutoRenewal", flag],
  currency: ["currency", text],
  expired_at: ["expiresAt", time],
  weight: ["weight", figure],
  hidden: ["isHidden", flag],
  traffic_limit: ["trafficLimitBytes", figure],
  traffic_limit_type: ["trafficLimitType", limitType],
  region: ["region", text],
};

/** Members that were sent; front ends send all that they show. Throws `ValidationError`. */
export function notesOf(params: Params): Partial<NodeNotes> {
  return Object.fromEntries(
    Object.entries(FIELDS).flatMap(([field, [name, read]]) =>
      params[field] === undefined || (params[field] === null && field !== "expired_at")
        ? []
        : [[name, read(params[field], field)] as const],
    ),
  );
}

async function addNode(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const name = textOf(params, "name").trim();
  const act = { action: "node.add", detail: name, outcome: addedNode };
  const issued = await record(parts, caller, act, () =>
    parts.hub.registry.add({ notes: name === "" ? {} : { name } }),
  );
  parts.tokens.keep(issued);
  return { uuid: issued.node.uuid, token: issued.token };
}

async function editNode(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const node = nodeOf(parts, params);
  const token = textOf(params, "token");
  if (token !== "" && token !== parts.tokens.tokenOf(node)) {
    throw new NotOfferedError("A token cannot be chosen: leave it empty, and have a new one made");
  }
  const notes = notesOf(params);
  const detail = Object.keys(notes).join(", ");
  const act = { action: "node.edit", node: node.id, detail };
  await record(parts, caller, act, () => parts.hub.registry.edit(node.id, notes));
}

async function removeNode(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const { id, name } = nodeOf(parts, params);
  const act = { action: "node.remove", node: id, detail: name };
  await record(parts, caller, act, () => parts.hub.registry.remove(id));
}

function tokenOf(parts: AdminParts, params: Params): Params {
  const token = parts.tokens.tokenOf(nodeOf(parts, params));
  if (token === "") throw new NotOfferedError(NO_TOKEN);
  return { token };
}

async function renewToken(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const { id, name } = nodeOf(parts, params);
  const act = { action: "node.token", node: id, detail: name };
  const issued = await record(parts, caller, act, () => parts.hub.registry.renewToken(id));
  parts.tokens.keep(issued);
  return { token: issued.token };
}

async function orderNodes(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const { registry } = parts.hub;
  const weights = Object.entries(params).flatMap(([uuid, weight]) => {
    const node = registry.byUuid(uuid);
    if (node === undefined) return [];
    if (typeof weight !== "number") throw new ValidationError("A weight is not a number");
    return node.weight === weight ? [] : [{ id: node.id, weight }];
  });
  const act = { action: "node.order", detail: `${weights.length} nodes` };
  await record(parts, caller, act, async () => {
    for (const { id, weight } of weights) await registry.edit(id, { weight });
  });
}

export function adminNodeCalls(parts: AdminParts): CallTable {
  const { hub, tokens } = parts;
  return {
    "admin:addClient": adminCall("A new node", (params, caller) => addNode(parts, params, caller), [
      "name",
    ]),
    "admin:listClients": adminCall("All nodes", () =>
      hub.registry.nodes.map((node) => adminNode(node, tokens.tokenOf(node))),
    ),
    "admin:getClient": adminCall("A node", (params) => {
      const node = nodeOf(parts, params);
      return adminNode(node, tokens.tokenOf(node));
    }),
    "admin:editClient": adminCall("Changes what is written down about a node", (params, caller) =>
      editNode(parts, params, caller),
    ),
    "admin:removeClient": adminCall("Removes a node with its history", (params, caller) =>
      removeNode(parts, params, caller),
    ),
    "admin:getClientToken": adminCall("The token of a node that was just made", (params) =>
      tokenOf(parts, params),
    ),
    "admin:renewClientToken": adminCall("A new token for a node", (params, caller) =>
      renewToken(parts, params, caller),
    ),
    "admin:orderClients": adminCall("Weights of nodes by UUID", (params, caller) =>
      orderNodes(parts, params, caller),
    ),
  };
}
