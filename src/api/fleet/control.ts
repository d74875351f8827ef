/** What admins do on nodes, and what was done. The hub itself checks permissions and writes the audit rows. */
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { actorOf } from "../../http/auth/actor.ts";
import { CommandRunNotFoundError } from "../../hub/control.ts";
import type { CommandRun } from "../../hub/control.ts";
import type { Hub } from "../../hub/hub.ts";
import { CommandBody } from "../../protocol/fleet/admin.ts";
import type { AuditView, CommandRunView } from "../../protocol/fleet/admin.ts";
import { NodePermissionsBody } from "../../protocol/fleet/nodes.ts";
import type { AllowedNodeView } from "../../protocol/fleet/nodes.ts";
import { nodeFor } from "./viewer.ts";

interface NodeParams {
  readonly uuid: string;
}

const AuditQuery = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  user: Type.Optional(Type.String({ maxLength: 128 })),
  action: Type.Optional(Type.String({ maxLength: 64 })),
  node: Type.Optional(Type.Integer({ minimum: 0 })),
});
type AuditQuery = Type.Static<typeof AuditQuery>;

const RunsQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }) });
type RunsQuery = Type.Static<typeof RunsQuery>;

function runView(
  { id, command, user, startedAt, outcomes }: CommandRun,
  withOutput: boolean,
): CommandRunView {
  return {
    id,
    command,
    user,
    startedAt,
    outcomes: outcomes.map(({ node, output, exitCode, finishedAt }) => ({
      node,
      output: withOutput ? output : "",
      exitCode: exitCode ?? null,
      finishedAt: finishedAt ?? null,
    })),
  };
}

/** What is allowed on nodes where anything is. */
function allowedNodes({ registry, control }: Hub): readonly AllowedNodeView[] {
  return registry.nodes
    .map(({ id }) => ({ node: id, ...control.permissions(id) }))
    .filter(({ command, terminal }) => command || terminal);
}

function permissionRoutes(app: FastifyInstance, hub: Hub): void {
  app.route({
    method: "GET",
    url: "/permissions",
    config: { access: "admin" },
    handler: (_request, reply) => reply.send(allowedNodes(hub)),
  });
  app.route<{ Params: NodeParams }>({
    method: "GET",
    url: "/nodes/:uuid/permissions",
    config: { access: "admin" },
    handler: (request, reply) =>
      reply.send(hub.control.permissions(nodeFor(hub, request, request.params.uuid).id)),
  });
  app.route<{ Params: NodeParams; Body: NodePermissionsBody }>({
    method: "PATCH",
    url: "/nodes/:uuid/permissions",
    schema: { body: NodePermissionsBody },
    config: { access: "admin" },
    async handler(request) {
      const { id } = nodeFor(hub, request, request.params.uuid);
      await hub.control.permit(actorOf(request), id, request.body);
      return hub.control.permissions(id);
    },
  });
}

function commandRoutes(app: FastifyInstance, hub: Hub): void {
  app.route<{ Body: CommandBody }>({
    method: "POST",
    url: "/commands",
    schema: { body: CommandBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const { nodes, command } = request.body;
      const run = await hub.control.run(actorOf(request), [...new Set(nodes)], command);
      return reply.code(201).send(runView(run, true));
    },
  });
  app.route<{ Querystring: RunsQuery }>({
    method: "GET",
    url: "/commands",
    schema: { querystring: RunsQuery },
    config: { access: "admin" },
    async handler({ query }) {
      const runs = await hub.control.commandRuns(query.limit);
      return runs.map((run) => runView(run, false));
    },
  });
  app.route<{ Params: { id: string } }>({
    method: "GET",
    url: "/commands/:id",
    config: { access: "admin" },
    async handler({ params }) {
      const run = await hub.control.commandRun(params.id);
      if (run === undefined) throw new CommandRunNotFoundError();
      return runView(run, true);
    },
  });
}

export function controlRoutes(app: FastifyInstance, hub: Hub): void {
  permissionRoutes(app, hub);
  commandRoutes(app, hub);
  app.route<{ Querystring: AuditQuery }>({
    method: "GET",
    url: "/audit",
    schema: { querystring: AuditQuery },
    config: { access: "admin" },
    async handler({ query }): Promise<AuditView> {
      const entries = await hub.audit.list(query);
      const isMore = entries.length >= query.limit;
      return { entries, before: isMore ? (entries.at(-1)?.id ?? null) : null };
    },
  });
}
