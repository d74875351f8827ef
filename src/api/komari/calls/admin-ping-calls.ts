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
  const task = await parts.hub.probes.add({
    cover: "only",
    nodes: [],
    weight: 0,
    isDefaultOn: false,
    ...settings,
    name,
    target,
    type,
    intervalSeconds,
  });
  await record(parts, caller, { action: "probe.add", detail: name });
  return { task_id: task.id };
}

async function editTasks(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const tasks = treesOf(params["tasks"]);
  if (tasks.length === 0) throw new ValidationError("Invalid request data");
  for (const task of tasks) {
    const id = wholeOf(task, "id", "id is not a number") ?? 0;
    await parts.hub.probes.edit(id, settingsOf(parts, task));
    await record(parts, caller, { action: "probe.edit", detail: textOf(task, "name") });
  }
}

async function removeTasks(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const ids = Array.isArray(params["id"]) ? params["id"] : [];
  if (ids.length === 0) throw new ValidationError("id is required");
  for (const id of ids) {
    const name = parts.hub.probes.byId(Number(id))?.name ?? "";
    await parts.hub.probes.remove(Number(id));
    await record(parts, caller, { action: "probe.remove", detail: name });
  }
}

async function orderTasks(parts: AdminParts, params: Params): Promise<void> {
  for (const [id, weight] of Object.entries(params)) {
    if (typeof weight !== "number") throw new ValidationError(`Invalid task id: ${id}`);
    await parts.hub.probes.edit(Number(id), { weight });
  }
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
    "admin:orderPingTask": adminCall("Weights of ping tasks by id", (params) =>
      orderTasks(parts, params),
    ),
  };
}
