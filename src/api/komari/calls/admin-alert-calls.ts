/**
 * Alerts as front ends of this dialect set them (Komari 2.4, 4.4): rules of the hub that name single nodes. Rules for
 * all nodes, groups or tags are made on the hub's own pages; here they only show in what is switched on.
 */
import { AppError, ValidationError } from "../../../core/errors.ts";
import type { Alerts } from "../../../hub/alerts/alerts.ts";
import { compileScope } from "../../../hub/alerts/scope.ts";
import type { NodeRecord } from "../../../hub/registry.ts";
import { adminCall, nodeIds, nodeOf, record } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import { NotOfferedError } from "./call.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { publicNode } from "./node-view.ts";
import { textOf, textsOf, treesOf, wholeOf } from "./params.ts";

type Rule = Alerts["rules"][number];
type RuleBody = Parameters<Alerts["add"]>[0];

/** No channel took the message. */
export class TestMessageFailedError extends AppError {
  static readonly code = "TEST_MESSAGE_FAILED";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", TestMessageFailedError.code, message, options);
  }
}

const STANDARD_GRACE = 300;
const MOST_GRACE = 604_800;
const MOST_MINUTES = 240;
/** Rates are told in megabits per second here. */
const BYTES_PER_MEGABIT = 125_000;

const METRICS = {
  cpu: "cpuPercent",
  gpu: "gpuPercent",
  ram: "memoryPercent",
  swap: "swapPercent",
  disk: "diskPercent",
  load: "load1",
  temp: "temperatureCelsius",
  net_in: "receivedBytesPerSecond",
  net_out: "sentBytesPerSecond",
} as const;

const METRIC_NAMES = new Map(Object.entries(METRICS));

const isRate = (name: string): boolean => name.startsWith("net_");

function bodyOf({ id: _id, ...body }: Rule): RuleBody {
  return body;
}

/** Names single nodes and nothing else. */
function namesNodes({ scope }: RuleBody): boolean {
  return scope.cover === "only" && scope.groups.length === 0 && scope.tags.length === 0;
}

function rule(name: string, nodes: readonly number[], condition: Rule["condition"]): RuleBody {
  return {
    name,
    isEnabled: true,
    severity: "warning",
    scope: { cover: "only", nodes: [...nodes], groups: [], tags: [] },
    condition,
    channels: [],
    reminderHours: 0,
    tellsRecovery: true,
  };
}

function graceOf({ condition }: Rule): number | undefined {
  return condition.kind === "offline" ? condition.afterSeconds : undefined;
}

function offlineView({ hub }: AdminParts): readonly Params[] {
  const rules = hub.alerts.rules.filter((known) => graceOf(known) !== undefined && known.isEnabled);
  const compiled = rules.map((known) => ({
    covers: compileScope(known.scope),
    grace: graceOf(known) ?? STANDARD_GRACE,
  }));
  return hub.registry.nodes.map((node) => {
    const graces = compiled.filter(({ covers }) => covers(node)).map(({ grace }) => grace);
    return {
      client: node.uuid,
      client_info: publicNode(node),
      enable: graces.length > 0,
      cooldown: 0,
      grace_period: graces.length > 0 ? Math.min(...graces) : STANDARD_GRACE,
      last_notified: null,
    };
  });
}

/** Rules that cover a node without naming it cannot be switched off for it alone. */
function demandOwnRules({ hub }: AdminParts, node: NodeRecord): void {
  const isForeign = (known: Rule): boolean =>
    graceOf(known) !== undefined && known.isEnabled && !namesNodes(known);
  if (!hub.alerts.rules.some((known) => isForeign(known) && compileScope(known.scope)(node)))
    return;
  throw new NotOfferedError(
    `'${node.name}' is covered by a rule for many nodes: change it on the hub's own pages, under /fleet`,
  );
}

/** Seconds for which a node may be away, undefined for no alert, by node. */
async function setOffline(
  { hub }: AdminParts,
  wanted: ReadonlyMap<number, number | undefined>,
): Promise<void> {
  const { alerts } = hub;
  const missing = new Map([...wanted].filter(([, grace]) => grace !== undefined));
  for (const known of alerts.rules) {
    const grace = graceOf(known);
    if (grace === undefined || !known.isEnabled || !namesNodes(known)) continue;
    const { nodes } = known.scope;
    const kept = nodes.filter((node) => !wanted.has(node) || wanted.get(node) === grace);
    const added = [...missing].filter(([, own]) => own === grace).map(([node]) => node);
    for (const node of added) missing.delete(node);
    const next = [...new Set([...kept, ...added])];
    if (next.length === 0) await alerts.remove(known.id);
    else if (next.length !== nodes.length || added.some((node) => !nodes.includes(node))) {
      const scope = { ...known.scope, nodes: next };
      await alerts.replace(known.id, { ...bodyOf(known), scope });
    }
  }
  for (const grace of new Set(missing.values())) {
    if (grace === undefined) continue;
    const nodes = [...missing].filter(([, own]) => own === grace).map(([node]) => node);
    const condition = { kind: "offline", afterSeconds: grace } as const;
    await alerts.add(rule(`Offline for ${grace} s`, nodes, condition));
  }
}

async function editOffline(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const entries = treesOf(params["items"]);
  if (entries.length === 0) throw new ValidationError("At least one notification is required");
  const wanted = new Map<number, number | undefined>();
  for (const entry of entries) {
    const node = nodeOf(parts, { uuid: textOf(entry, "client") });
    const isOn = entry["enable"] === true;
    if (!isOn) demandOwnRules(parts, node);
    const grace = wholeOf(entry, "grace_period", "GracePeriod must be a positive integer");
    if (grace !== undefined && (grace <= 0 || grace > MOST_GRACE)) {
      throw new ValidationError("GracePeriod must be a positive integer");
    }
    wanted.set(node.id, isOn ? (grace ?? STANDARD_GRACE) : undefined);
  }
  const act = { action: "alert.edit", detail: `Offline, ${wanted.size} nodes` };
  await record(parts, caller, act, () => setOffline(parts, wanted));
}

/** Keeps the time that a node has already. */
async function switchOffline(
  parts: AdminParts,
  params: Params,
  caller: Caller,
  isOn: boolean,
): Promise<void> {
  const known = new Map(offlineView(parts).map((view) => [view["client"], view]));
  const items = textsOf(params["items"]).map((client) => ({
    client,
    enable: isOn,
    grace_period: known.get(client)?.["grace_period"] ?? STANDARD_GRACE,
  }));
  await editOffline(parts, { items }, caller);
}

function loadView({ hub }: AdminParts): readonly Params[] {
  return hub.alerts.rules.flatMap((known) => {
    const { condition } = known;
    if (condition.kind !== "load" || !namesNodes(known)) return [];
    const [metric] = [...METRIC_NAMES].find(([, ours]) => ours === condition.metric) ?? [];
    if (metric === undefined) return [];
    const clients = known.scope.nodes.flatMap((id) => hub.registry.byId(id)?.uuid ?? []);
    const unit = isRate(metric) ? BYTES_PER_MEGABIT : 1;
    const view = {
      id: known.id,
      name: known.name,
      clients,
      metric,
      threshold: condition.threshold / unit,
      ratio: condition.sharePercent / 100,
      interval: Math.round(condition.windowSeconds / 60),
      last_notified: null,
    };
    return [view];
  });
}

function figureOf(params: Params, name: string): number {
  const value = params[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function loadRule(parts: AdminParts, params: Params): RuleBody {
  const metric = textOf(params, "metric");
  const ours = METRIC_NAMES.get(metric);
  const clients = textsOf(params["clients"]);
  const [threshold, ratio] = [figureOf(params, "threshold"), figureOf(params, "ratio")];
  const minutes = figureOf(params, "interval");
  if (ours === undefined || clients.length === 0 || threshold <= 0) {
    throw new ValidationError("clients, metric, threshold, ratio and interval are required");
  }
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_MINUTES) {
    throw new ValidationError("Interval must be between 1 and 240 minutes");
  }
  if (ratio <= 0 || ratio > 1) throw new ValidationError("Ratio must be between 0 and 1");
  const name = textOf(params, "name").trim();
  return rule(name === "" ? `${metric} alert` : name, nodeIds(parts, clients), {
    kind: "load",
    metric: ours,
    threshold: threshold * (isRate(metric) ? BYTES_PER_MEGABIT : 1),
    windowSeconds: minutes * 60,
    sharePercent: Math.max(1, Math.round(ratio * 100)),
  });
}

async function addLoad(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const body = loadRule(parts, params);
  const act = { action: "alert.add", detail: body.name };
  const { id } = await record(parts, caller, act, () => parts.hub.alerts.add(body));
  return { task_id: id };
}

async function editLoad(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const entries = treesOf(params["notifications"]);
  if (entries.length === 0) throw new ValidationError("Invalid request data");
  for (const entry of entries) {
    const id = wholeOf(entry, "id", "id is not a number") ?? 0;
    const body = loadRule(parts, entry);
    const act = { action: "alert.edit", detail: body.name };
    await record(parts, caller, act, () => parts.hub.alerts.replace(id, body));
  }
}

async function removeLoad(parts: AdminParts, params: Params, caller: Caller): Promise<void> {
  const ids: readonly unknown[] = Array.isArray(params["id"]) ? params["id"] : [];
  if (ids.length === 0) throw new ValidationError("id is required");
  for (const id of ids) {
    const act = { action: "alert.remove", detail: `Rule ${Number(id)}` };
    await record(parts, caller, act, () => parts.hub.alerts.remove(Number(id)));
  }
}

/** To every channel; says which did not take it. */
async function sendTest({ hub }: AdminParts): Promise<void> {
  const channels = hub.notify.channels();
  if (channels.length === 0) {
    throw new TestMessageFailedError("No channel is set up: add one on the hub's own pages");
  }
  const failures: string[] = [];
  for (const { id } of channels) {
    const { isDelivered, answer } = await hub.notify.test(id);
    if (!isDelivered) failures.push(`${id}: ${answer}`);
  }
  if (failures.length > 0) throw new TestMessageFailedError(failures.join("; "));
}

export function adminAlertCalls(parts: AdminParts): CallTable {
  return {
    "admin:listOfflineNotifications": adminCall("Who is missed when away", () =>
      offlineView(parts),
    ),
    "admin:editOfflineNotification": adminCall("Who is to be missed", (params, caller) =>
      editOffline(parts, params, caller),
    ),
    "admin:enableOfflineNotification": adminCall("These are to be missed", (params, caller) =>
      switchOffline(parts, params, caller, true),
    ),
    "admin:disableOfflineNotification": adminCall("These are not", (params, caller) =>
      switchOffline(parts, params, caller, false),
    ),
    "admin:getAllLoadNotifications": adminCall("Rules for load", () => loadView(parts)),
    "admin:addLoadNotification": adminCall("A new rule for load", (params, caller) =>
      addLoad(parts, params, caller),
    ),
    "admin:editLoadNotification": adminCall("Changes rules for load", (params, caller) =>
      editLoad(parts, params, caller),
    ),
    "admin:deleteLoadNotification": adminCall("Removes rules for load", (params, caller) =>
      removeLoad(parts, params, caller),
    ),
    "admin:testSendMessage": adminCall("A test message to every channel", () => sendTest(parts)),
  };
}
