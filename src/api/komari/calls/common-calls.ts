/** `common:` of RPC2 (Komari 2.6): what themes of 2026 and mobile clients ask for. */
import { ValidationError } from "../../../core/errors.ts";
import { coversNode } from "../../../hub/probes.ts";
import { timeText } from "../wire.ts";
import { ReadyJson, seesHidden } from "./call.ts";
import type { CallParts, CallTable, Caller, Params } from "./call.ts";
import { HOUR_MS, isLoadType, isWholeLoad, loadPoints, loadRecord } from "./load-records.ts";
import { partOfRecord, thinned } from "./load-records.ts";
import type { Span } from "./load-records.ts";
import type { IssuedTokens } from "./issued-tokens.ts";
import { adminNode, maskedAddresses, publicNode } from "./node-view.ts";
import { visibleNode, visibleNodes } from "./node-view.ts";
import { hoursOf, textOf, textsOf, timeOf, wholeOf } from "./params.ts";
import { basicInfo, longTaskSummary, nodePings, pingRecords } from "./ping-records.ts";
import type { NodePings } from "./ping-records.ts";
import { publicSettings, taskClients, versionData } from "./public-calls.ts";
import { flatReport } from "./report-view.ts";
import type { StatusFrames } from "./status-frames.ts";

const STANDARD_HOURS = 1;
const STANDARD_RECORDS = 4000;
const MOST_RECORDS = 20_000;
/** Nodes of one answer about a fleet's history. */
const MOST_NODES = 200;

export interface CommonParts extends CallParts {
  readonly statuses: StatusFrames;
  readonly tokens: IssuedTokens;
}

function nodesCall({ hub, tokens }: CommonParts, params: Params, caller: Caller): unknown {
  const isAdmin = caller.principal?.role === "admin";
  const isMasked = hub.site.values.showsMaskedAddresses;
  const viewOf = (node: Parameters<typeof publicNode>[0]): Params => {
    if (isAdmin) return adminNode(node, tokens.tokenOf(node));
    return isMasked ? { ...publicNode(node), ...maskedAddresses(node) } : publicNode(node);
  };
  const uuid = textOf(params, "uuid");
  if (uuid === "") {
    const nodes = visibleNodes(hub, caller);
    return Object.fromEntries(nodes.map((node) => [node.uuid, viewOf(node)]));
  }
  const node = visibleNode(hub, caller, uuid);
  if (node === undefined) throw new ValidationError("Node not found");
  return viewOf(node);
}

async function statusCall({ hub, statuses }: CommonParts, params: Params, caller: Caller) {
  const uuid = textOf(params, "uuid");
  if (uuid !== "") {
    const node = visibleNode(hub, caller, uuid);
    const status = node === undefined ? {} : await statuses.statuses([node]);
    const own = status[node?.uuid ?? ""];
    if (own === undefined) throw new ValidationError("Node not found");
    return own;
  }
  const wanted = new Set(textsOf(params["uuids"]));
  if (wanted.size === 0) {
    return new ReadyJson(await statuses.frame(seesHidden(caller) ? "all" : "public"));
  }
  return statuses.statuses(visibleNodes(hub, caller).filter((node) => wanted.has(node.uuid)));
}

function recentCall({ hub }: CommonParts, params: Params, caller: Caller): Params {
  const uuid = textOf(params, "uuid");
  const node = visibleNode(hub, caller, uuid);
  if (uuid === "" || (node === undefined && hub.registry.byUuid(uuid) !== undefined)) {
    throw new ValidationError("UUID is required");
  }
  const reports = node === undefined ? [] : hub.ingest.recent(node.id);
  const records = reports.map((report) => flatReport(node?.uuid ?? uuid, report));
  return { count: records.length, records };
}

function spanOf(params: Params, now: number): Span {
  const [start, end] = [timeOf(params, "start"), timeOf(params, "end")];
  const hours = start === undefined && end === undefined ? hoursOf(params, STANDARD_HOURS) : 1;
  const to = Math.min(end ?? now, now);
  const from = start ?? to - hours * HOUR_MS;
  if (from > to) throw new ValidationError("end must be after start");
  return { from, to };
}

/** How many records are wanted at most. */
function mostOf(params: Params): number {
  const most = wholeOf(params, "maxCount", "maxCount is not a number") ?? 0;
  if (most === -1) return MOST_RECORDS;
  return most <= 0 ? STANDARD_RECORDS : Math.min(most, MOST_RECORDS);
}

/** The nodes asked for: one, or all. Throws `ValidationError`. */
function nodesAskedFor({ hub }: CommonParts, params: Params, caller: Caller) {
  const uuid = textOf(params, "uuid");
  if (uuid === "") {
    const nodes = visibleNodes(hub, caller);
    if (nodes.length <= MOST_NODES) return nodes;
    throw new ValidationError(`Name a uuid: there are more than ${MOST_NODES} nodes`);
  }
  const node = visibleNode(hub, caller, uuid);
  if (node === undefined && hub.registry.byUuid(uuid) !== undefined) {
    throw new ValidationError("UUID not found");
  }
  return node === undefined ? [] : [node];
}

async function loadCall(parts: CommonParts, params: Params, caller: Caller): Promise<Params> {
  const span = spanOf(params, parts.clock.now());
  const kind = textOf(params, "load_type");
  if (!isLoadType(kind)) throw new ValidationError("Invalid load_type parameter");
  const nodes = nodesAskedFor(parts, params, caller);
  const most = Math.max(1, Math.floor(mostOf(params) / Math.max(1, nodes.length)));
  const records: Record<string, readonly Params[]> = {};
  let count = 0;
  for (const node of nodes) {
    const points = await loadPoints(parts.hub, node, span, most);
    if (points.length === 0) continue;
    const all = points.map((point) => loadRecord(node.uuid, point));
    records[node.uuid] = isWholeLoad(kind) ? all : all.map((record) => partOfRecord(kind, record));
    count += points.length;
  }
  return {
    count,
    records,
    ...(isWholeLoad(kind) ? {} : { load_type: kind }),
    from: timeText(span.from),
    to: timeText(span.to),
  };
}

async function pingCall(parts: CommonParts, params: Params, caller: Caller): Promise<Params> {
  const { hub, clock } = parts;
  const span = spanOf(params, clock.now());
  const asked = wholeOf(params, "task_id", "Invalid task_id parameter") ?? 0;
  const task = asked <= 0 ? undefined : asked;
  const nodes = nodesAskedFor(parts, params, caller);
  const hasUuid = textOf(params, "uuid") !== "";
  const tasks = hub.probes.tasks.filter(
    (known) =>
      (task === undefined || known.id === task) &&
      (!hasUuid || nodes.some(({ id }) => coversNode(known, id))),
  );
  const pings: NodePings[] = [];
  const selection = { task, nodes: nodes.length };
  for (const node of nodes) {
    pings.push(await nodePings(hub, node, span, selection));
  }
  const answering = pings.filter(({ curves }) => curves.length > 0);
  const all = answering.flatMap(pingRecords);
  const records = thinned(all, mostOf(params)).toReversed();
  const isOfAll = !hasUuid && task !== undefined;
  return {
    count: records.length,
    ...(answering.length === 0 ? {} : { basic_info: answering.map(basicInfo) }),
    records,
    tasks: tasks.map((known) =>
      longTaskSummary(known, answering, isOfAll ? taskClients(parts, known, caller) : undefined),
    ),
    from: timeText(span.from),
    to: timeText(span.to),
  };
}

function recordsCall(parts: CommonParts, params: Params, caller: Caller): Promise<Params> {
  const kind = textOf(params, "type");
  if (kind === "" || kind === "load") return loadCall(parts, params, caller);
  if (kind === "ping") return pingCall(parts, params, caller);
  throw new ValidationError("Invalid type, expected 'load' or 'ping'");
}

export function commonCalls(parts: CommonParts): CallTable {
  const guest = (summary: string, positions: readonly string[], run: CallTable[string]["run"]) => ({
    access: "guest" as const,
    summary,
    positions,
    run,
  });
  return {
    "common:getNodes": guest("Nodes by UUID, or one", ["uuid"], (params, caller) =>
      nodesCall(parts, params, caller),
    ),
    "common:getNodesLatestStatus": guest(
      "Latest report of each node, or one",
      ["uuid", "uuids"],
      (params, caller) => statusCall(parts, params, caller),
    ),
    "common:getNodeRecentStatus": guest("Reports of the last minute", ["uuid"], (params, caller) =>
      recentCall(parts, params, caller),
    ),
    "common:getRecords": guest(
      "History of load or pings",
      ["type", "uuid", "hours", "start", "end", "load_type", "task_id", "maxCount"],
      (params, caller) => recordsCall(parts, params, caller),
    ),
    "common:getPublicInfo": {
      ...guest("Settings of the site", [], () => publicSettings(parts)),
      isOpen: true,
    },
    "common:getVersion": {
      ...guest("Version of this server", [], () => versionData(parts.version)),
      isOpen: true,
    },
  };
}
