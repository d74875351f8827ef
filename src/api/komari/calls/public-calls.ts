/** What guests may read: the data of the REST routes, which RPC2 has under `public:` as well (Komari 2.3, 2.6). */
import { createHash } from "node:crypto";
import { ValidationError } from "../../../core/errors.ts";
import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import { ReadyJson, seesHidden } from "./call.ts";
import type { CallParts, CallTable, Caller, Params } from "./call.ts";
import { hoursOf, textOf, wholeOf } from "./params.ts";
import { isLoadType, isWholeLoad, loadPoints, loadRecord } from "./load-records.ts";
import { partOfRecord, spanOfHours } from "./load-records.ts";
import { visibleNode, visibleNodes } from "./node-view.ts";
import type { NodeTexts } from "./node-texts.ts";
import { basicInfo, nodePings, pingRecords, taskSummary } from "./ping-records.ts";
import type { NodePings } from "./ping-records.ts";
import { nestedReport } from "./report-view.ts";

const STANDARD_HOURS = 4;
/** Nodes of one answer about a task; of more the first ones. */
const MOST_NODES = 200;

/** What the original calls each kind of provider. */
const OAUTH_NAMES = { off: "", oidc: "generic", github: "github" } as const;

/** Data of `/api/public`: the keys of every version, so that themes of all of them find theirs. */
export function publicSettings(parts: CallParts): Params {
  const { hub, config, themes } = parts;
  const { values } = hub.site;
  const { minuteDays, hourDays } = config.hub.storage;
  const { provider } = config.auth.oidc;
  return {
    sitename: values.siteName,
    description: values.description,
    custom_head: values.customHead,
    custom_body: values.customBody,
    allow_cors: config.http.allowedOrigins.length > 0,
    cors_origin_check_enabled: true,
    disable_password_login: false,
    oauth_enable: provider !== "off",
    oauth_provider: OAUTH_NAMES[provider],
    private_site: values.isPrivate,
    record_enabled: true,
    record_preserve_time: hourDays * 24,
    ping_record_preserve_time: minuteDays * 24,
    theme: config.hub.themes.active === "" ? "default" : config.hub.themes.active,
    theme_settings: themes.settingsOf(config.hub.themes.active),
    visitor_audit_enabled: false,
  };
}

/** `hash` has to be a text of some length: front ends show its beginning. */
export function versionData(version: string): Params {
  const hash = createHash("sha256").update(`farhand ${version}`).digest("hex").slice(0, 40);
  return { version, hash };
}

/** Ids that only guests' eyes must not see are left out of a task's nodes. */
export function taskClients({ hub }: CallParts, task: ProbeTask, caller: Caller): string[] {
  return visibleNodes(hub, caller)
    .filter(({ id }) => coversNode(task, id))
    .map(({ uuid }) => uuid);
}

async function recordsOfLoad({ hub, clock }: CallParts, params: Params, caller: Caller) {
  const uuid = textOf(params, "uuid");
  // The words of the original for both, so that nobody learns whether a hidden node exists.
  const isHidden =
    hub.registry.byUuid(uuid) !== undefined && visibleNode(hub, caller, uuid) === undefined;
  if (uuid === "" || isHidden) throw new ValidationError("UUID is required");
  const kind = textOf(params, "load_type");
  const hours = hoursOf(params, STANDARD_HOURS);
  if (!isLoadType(kind)) throw new ValidationError("Invalid load_type parameter");
  const node = visibleNode(hub, caller, uuid);
  const points =
    node === undefined ? [] : await loadPoints(hub, node, spanOfHours(hours, clock.now()));
  const all = points.map((point) => loadRecord(node?.uuid ?? uuid, point));
  if (isWholeLoad(kind)) return { count: all.length, records: all, has_gpu_data: false };
  const records = all.map((record) => partOfRecord(kind, record));
  return { count: records.length, records, load_type: kind };
}

async function recordsOfPings(parts: CallParts, params: Params, caller: Caller) {
  const { hub, clock } = parts;
  const uuid = textOf(params, "uuid");
  const task = wholeOf(params, "task_id", "Invalid task_id parameter");
  if (uuid === "" && task === undefined) throw new ValidationError("UUID or task_id is required");
  const span = spanOfHours(hoursOf(params, STANDARD_HOURS), clock.now());
  const asked = uuid === "" ? visibleNodes(hub, caller) : [visibleNode(hub, caller, uuid)];
  const tasks = hub.probes.tasks.filter(
    (known) =>
      (task === undefined || known.id === task) &&
      asked.some((node) => node !== undefined && coversNode(known, node.id)),
  );
  const nodes = asked
    .flatMap((node) => node ?? [])
    .filter(({ id }) => tasks.some((known) => coversNode(known, id)))
    .slice(0, MOST_NODES);
  const pings: NodePings[] = [];
  const selection = { task, nodes: nodes.length };
  for (const node of nodes) {
    pings.push(await nodePings(hub, node, span, selection));
  }
  const records = pings.flatMap(pingRecords);
  return {
    count: records.length,
    ...(records.length === 0 ? {} : { basic_info: pings.map(basicInfo) }),
    // Newest first, as on the original.
    records: records.toReversed(),
    ...(tasks.length === 0
      ? {}
      : {
          tasks: tasks.map((known) =>
            taskSummary(known, pings, uuid === "" ? taskClients(parts, known, caller) : undefined),
          ),
        }),
  };
}

function recentRecords({ hub }: CallParts, params: Params, caller: Caller) {
  const uuid = textOf(params, "uuid");
  const known = hub.registry.byUuid(uuid);
  const node = visibleNode(hub, caller, uuid);
  if (uuid === "" || (known !== undefined && node === undefined)) {
    throw new ValidationError("UUID is required");
  }
  if (node === undefined) return [];
  return hub.ingest.recent(node.id).map((report) => nestedReport(report, node.uuid));
}

/** Of a task that runs on hidden nodes only guests learn nothing, its name included. */
function pingTasks(parts: CallParts, caller: Caller) {
  return parts.hub.probes.tasks.flatMap((task) => {
    const clients = taskClients(parts, task, caller);
    if (clients.length === 0 && !seesHidden(caller)) return [];
    return [
      {
        id: task.id,
        weight: task.weight,
        name: task.name,
        clients,
        default_on: task.isDefaultOn,
        type: task.type,
        interval: task.intervalSeconds,
      },
    ];
  });
}

/** The calls. REST routes answer with their data. */
export function publicCalls(parts: CallParts, nodeTexts: NodeTexts): CallTable {
  const { hub, version } = parts;
  return {
    "public:getNodesInformation": {
      access: "guest",
      summary: "Nodes that the caller may see",
      run: (_params, caller) => {
        const texts = visibleNodes(hub, caller).map((node) => nodeTexts.textOf(node));
        return new ReadyJson(`[${texts.join(",")}]`);
      },
    },
    "public:getPublicSettings": {
      access: "guest",
      isOpen: true,
      summary: "Settings of the site that pages need",
      run: () => publicSettings(parts),
    },
    "public:getVersion": {
      access: "guest",
      isOpen: true,
      summary: "Version of this server",
      run: () => versionData(version),
    },
    "public:getClientRecentRecords": {
      access: "guest",
      summary: "Reports of a node in the last minute",
      positions: ["uuid"],
      run: (params, caller) => recentRecords(parts, params, caller),
    },
    "public:getRecordsByUUID": {
      access: "guest",
      summary: "Load of a node in the last hours",
      positions: ["uuid", "load_type", "hours"],
      run: (params, caller) => recordsOfLoad(parts, params, caller),
    },
    "public:getPingRecords": {
      access: "guest",
      summary: "Ping results of a node or a task in the last hours",
      positions: ["uuid", "task_id", "hours"],
      run: (params, caller) => recordsOfPings(parts, params, caller),
    },
    "public:getPublicPingTasks": {
      access: "guest",
      summary: "Ping tasks without their targets",
      run: (_params, caller) => pingTasks(parts, caller),
    },
  };
}
