/**
 * Commands on nodes (Komari 1.9, 2.4). Deliberately different from the original: each node has to be allowed to, and
 * none runs the command when one of them is not.
 */
import { ValidationError } from "../../../core/errors.ts";
import { CommandRunNotFoundError } from "../../../hub/control.ts";
import type { CommandRun } from "../../../hub/control.ts";
import { timeText } from "../wire.ts";
import { adminCall, confirmAct, nodeIds, nodeOf } from "./admin-parts.ts";
import type { AdminParts } from "./admin-parts.ts";
import { actorOf } from "./call.ts";
import type { CallTable, Caller, Params } from "./call.ts";
import { textOf, textsOf } from "./params.ts";

/** Newest runs that are listed. */
const MOST_RUNS = 200;

/** Outcomes on nodes that are still there. */
function resultsOf({ hub }: AdminParts, run: CommandRun): readonly Params[] {
  return run.outcomes.flatMap(({ node, output, exitCode, finishedAt }) => {
    const client = hub.registry.byId(node)?.uuid;
    if (client === undefined) return [];
    const finished = finishedAt === undefined ? null : timeText(finishedAt);
    const result = {
      client,
      result: output,
      exit_code: exitCode ?? null,
      finished_at: finished,
      created_at: timeText(run.startedAt),
    };
    return [result];
  });
}

function runView(parts: AdminParts, run: CommandRun): Params {
  const results = resultsOf(parts, run);
  const clients = results.map(({ client }) => client);
  return { task_id: run.id, clients, command: run.command, results };
}

async function execute(parts: AdminParts, params: Params, caller: Caller): Promise<Params> {
  const { hub } = parts;
  const command = textOf(params, "command");
  if (command.trim() === "") throw new ValidationError("Command cannot be empty");
  const uuids = textsOf(params["clients"]);
  if (uuids.length === 0) throw new ValidationError("clients is required");
  await confirmAct(parts, caller, params);
  const nodes = nodeIds(parts, uuids);
  const online = nodes.filter((node) => hub.presence.isOnline(node));
  if (online.length === 0) throw new ValidationError("No clients connected");
  const run = await hub.control.run(actorOf(caller), nodes, command);
  const clients = online.flatMap((node) => hub.registry.byId(node)?.uuid ?? []);
  return { task_id: run.id, clients, queued_clients: null };
}

async function runOf({ hub }: AdminParts, params: Params): Promise<CommandRun> {
  const run = await hub.control.commandRun(textOf(params, "task_id"));
  if (run === undefined) throw new CommandRunNotFoundError();
  return run;
}

async function resultOfNode(parts: AdminParts, params: Params): Promise<Params> {
  const run = await runOf(parts, params);
  const uuid = textOf(params, "uuid");
  const result = resultsOf(parts, run).find(({ client }) => client === uuid);
  if (result === undefined) {
    throw new CommandRunNotFoundError("No result found for this task and client");
  }
  return { task_id: run.id, ...result };
}

async function runsOfNode(parts: AdminParts, params: Params): Promise<readonly Params[]> {
  const { id } = nodeOf(parts, params);
  const runs = await parts.hub.control.commandRuns(MOST_RUNS);
  const own = runs.filter(({ outcomes }) => outcomes.some(({ node }) => node === id));
  if (own.length === 0) throw new CommandRunNotFoundError("No tasks found for this client");
  return own.map((run) => runView(parts, run));
}

export function adminTaskCalls(parts: AdminParts): CallTable {
  return {
    "admin:exec": adminCall(
      "Runs a command on nodes",
      (params, caller) => execute(parts, params, caller),
      ["command", "clients"],
    ),
    "admin:getTasks": adminCall("Commands with what came of them, newest first", async () => {
      const runs = await parts.hub.control.commandRuns(MOST_RUNS);
      return runs.map((run) => runView(parts, run));
    }),
    "admin:getTaskById": adminCall("A command", async (params) =>
      runView(parts, await runOf(parts, params)),
    ),
    "admin:getTaskResultsByTaskId": adminCall("What came of a command", async (params) => {
      const run = await runOf(parts, params);
      return resultsOf(parts, run);
    }),
    "admin:getSpecificTaskResult": adminCall("What came of a command on a node", (params) =>
      resultOfNode(parts, params),
    ),
    "admin:getTasksByClientId": adminCall("Commands on a node", (params) =>
      runsOfNode(parts, params),
    ),
  };
}
