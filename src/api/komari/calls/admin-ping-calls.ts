/** Ping tasks as admins edit them (Komari 2.4). Here they do have a target. */
import { ValidationError } from "../../../core/errors.ts";
import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask, ProbeTaskSettings } from "../../../hub/probes.ts";
import { adminCall, nodeIds, record } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { flagOf, textOf, textsOf, treesOf, wholeOf } from "./params.ts";

const TYPES = ["icmp", "tcp", "http"] as const;

function taskView({ hub }: AdminParts, task: ProbeTask): Params {
  const covered = hub.registry.nodes.filter(({ id }) => coversNode(task, id));
  return {
    id: task.id,
    weight: task.weight,
    name: task.name,
    clients: covered.map(({ uuid }) => uuid),
    default_on: task.isDefaultOn,
    type: task.type,
    target: task.target,
    interval: task.intervalSeconds,
  };
}

/** Members that were sent. Naming nodes makes them the only ones. */
function settingsOf(parts: AdminParts, params: Params): Partial<ProbeTaskSettings> {
  const type = TYPES.find((known) => known === params["type"]);
  if (params["type"] !== undefined && type === undefined) {
    throw new ValidationError("type is none of icmp, tcp, http");
  }
  const interval = wholeOf(params, "interval", "interval is not a whole number of seconds");
  const weight = wholeOf(params, "weight", "weight is not a whole number");
  const isDefaultOn = flagOf(params, "default_on");
  const clients = Array.isArray(params["clients"]) ? textsOf(params["clients"]) : undefined;
  return {
    ...(typeof params["name"] === "string" ? { name: params["name"] } : {}),
    ...(typeof params["target"] === "string" ? { target: params["target"].trim() } : {}),
    ...(type === undefined ? {} : { type }),
    ...(interval === undefined ? {} : { intervalSeconds: interval }),
    ...(weight === undefined ? {} : { weight }),
    ...(isDefaultOn === undefined ? {} : { isDefaultOn }),
    ...(clients === undefined ? {} : { cover: "only", nodes: nodeIds(parts, clients) }),
  };
}

async function addTask(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const settings = settingsOf(parts, params);
  const { name, target, type, intervalSeconds } = settings;
  if (name === undefined || target === undefined || type === undefined) {
    throw new ValidationError("name, target, type and interval are required");
  }
  if (intervalSeconds === undefined) throw new ValidationError("interval is required");
  const required = { name, target, type, intervalSeconds };
  const initial = { cover: "only", nodes: [], weight: 0, isDefaultOn: false } as const;
  const task = await record(parts, caller, { action: "probe.add", detail: name }, () =>
    parts.hub.probes.add({ ...initial, ...settings, ...required }),
  );
  return { task_id: task.id };
}

async function editTasks(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const tasks = treesOf(params["tasks"]);
  if (tasks.length === 0) throw new ValidationError("Invalid request data");
  for (const task of tasks) {
    const id = wholeOf(task, "id", "id is not a number") ?? 0;
    const settings = settingsOf(parts, task);
    const act = { action: "probe.edit", detail: textOf(task, "name") };
    await record(parts, caller, act, () => parts.hub.probes.edit(id, settings));
  }
}

async function removeTasks(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const ids = Array.isArray(params["id"]) ? params["id"] : [];
  if (ids.length === 0) throw new ValidationError("id is required");
  for (const id of ids) {
    const name = parts.hub.probes.byId(Number(id))?.name ?? "";
    const act = { action: "probe.remove", detail: name };
    await record(parts, caller, act, () => parts.hub.probes.remove(Number(id)));
  }
}

async function orderTasks(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const weights = Object.entries(params).map(([id, weight]) => {
    if (typeof weight !== "number") throw new ValidationError(`Invalid task id: ${id}`);
    return { id: Number(id), weight };
  });
  const act = { action: "probe.order", detail: `${weights.length} tasks` };
  await record(parts, caller, act, async () => {
    for (const { id, weight } of weights) await parts.hub.probes.edit(id, { weight });
  });
}

export function adminPingCalls(parts: AdminParts): CallTable {
  return {
    "admin:getAllPingTasks": adminCall("All ping tasks", () =>
      parts.hub.probes.tasks.map((task) => taskView(parts, task)),
    ),
    "admin:addPingTask": adminCall("A new ping task", (params, caller) =>
      addTask(parts, params, caller),
    ),
    "admin:editPingTask": adminCall("Changes ping tasks", (params, caller) =>
      editTasks(parts, params, caller),
    ),
    "admin:deletePingTask": adminCall("Removes ping tasks with their results", (params, caller) =>
      removeTasks(parts, params, caller),
    ),
    "admin:orderPingTask": adminCall("Weights of ping tasks by id", (params, caller) =>
      orderTasks(parts, params, caller),
    ),
  };
}
