/** Results of commands, and ping tasks by requests (Komari 1.9, 1.10). */
import { coversNode } from "../../../hub/probes.ts";
import type { ProbeTask } from "../../../hub/probes.ts";
import { readTaskResult } from "../../../protocol/komari/agent-messages.ts";
import { jsonBody, MOST_REPORT_BYTES } from "./bodies.ts";
import { Intake } from "./intake.ts";
import { errorBody, identityOf, sendJson, SUCCESS } from "./parts.ts";
import type { AgentRoutes } from "./parts.ts";

/** Escapes make an output of 1 MiB several times as long; what is too large is lost with its command. */
const MOST_RESULT_BYTES = 8 * 1024 * 1024;
const RESULT_TAKEN = '{"message":"Task result updated successfully","status":"success"}';

export const commandRoutes: AgentRoutes = (app, { hub, gate }) => {
  app.route({
    method: "POST",
    url: "/api/clients/task/result",
    config: { access: "agent", identify: gate.identify },
    bodyLimit: MOST_RESULT_BYTES,
    handler: (request, reply) => {
      const { node } = identityOf(request, "komari http");
      const result = readTaskResult(jsonBody(request));
      if (result === undefined) {
        hub.ingest.count("malformed");
        return sendJson(
          reply,
          400,
          '{"message":"Invalid or missing request body","status":"error"}',
        );
      }
      const { id, output, exitCode } = result;
      // Agents send anything but 200 again, which would not make an unknown command known.
      hub.control.finish(node, { id, output, ...(exitCode === undefined ? {} : { exitCode }) });
      return sendJson(reply, 200, RESULT_TAKEN);
    },
  });
};

/** A node learns of itself only, not which other nodes a task is for. */
function wireTask({ id, weight, name, isDefaultOn, ...task }: ProbeTask, uuid: string): object {
  const { type, target, intervalSeconds: interval } = task;
  return { id, weight, name, clients: [uuid], default_on: isDefaultOn, type, target, interval };
}

export const pingRoutes: AgentRoutes = (app, { hub, gate }) => {
  const config = { access: "agent", identify: gate.identify } as const;
  const intake = new Intake(hub);
  app.route({
    method: "GET",
    url: "/api/clients/ping/tasks",
    config,
    handler: (request, reply) => {
      const { node } = identityOf(request, "komari v1 http");
      const uuid = request.agent?.uuid ?? "";
      const tasks = hub.probes.tasks.filter((task) => coversNode(task, node));
      return sendJson(reply, 200, JSON.stringify(tasks.map((task) => wireTask(task, uuid))));
    },
  });
  app.route({
    method: "POST",
    url: "/api/clients/ping/result",
    config,
    bodyLimit: MOST_REPORT_BYTES,
    handler: (request, reply) => {
      const session = hub.ingest.visit(identityOf(request, "komari v1 http"));
      const taken = intake.ping(session, jsonBody(request));
      return taken === "taken"
        ? sendJson(reply, 200, SUCCESS)
        : sendJson(reply, 400, errorBody("Invalid request"));
    },
  });
};
