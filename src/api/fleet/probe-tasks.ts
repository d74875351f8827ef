import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Hub } from "../../hub/hub.ts";
import { ProbeTaskBody, ProbeTaskPatch } from "../../protocol/fleet/probes.ts";
import type { ProbeTaskView } from "../../protocol/fleet/probes.ts";
import type { Recorder } from "../../http/auth/recorder.ts";

export interface AdminRoutesOptions {
  readonly hub: Hub;
  readonly record: Recorder;
}

/** A number in a path. */
export const IdParams = Type.Object({ id: Type.Integer({ minimum: 1 }) });
export type IdParams = Type.Static<typeof IdParams>;

const listed = (tasks: Hub["probes"]["tasks"]): ProbeTaskView[] =>
  tasks.map((task) => ({ ...task, nodes: [...task.nodes] }));

/** Targets are no secret for people who are signed in. */
export function probeTaskRoutes(app: FastifyInstance, { hub, record }: AdminRoutesOptions): void {
  app.route({
    method: "GET",
    url: "/probe-tasks",
    config: { access: "viewer" },
    handler: (_request, reply) => reply.send(listed(hub.probes.tasks)),
  });
  app.route<{ Body: ProbeTaskBody }>({
    method: "POST",
    url: "/probe-tasks",
    schema: { body: ProbeTaskBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const act = { action: "probe.add", detail: request.body.name };
      const task = await record(request, act, () => hub.probes.add(request.body));
      return reply.code(201).send(task);
    },
  });
  app.route<{ Params: IdParams; Body: ProbeTaskPatch }>({
    method: "PATCH",
    url: "/probe-tasks/:id",
    schema: { params: IdParams, body: ProbeTaskPatch },
    config: { access: "admin" },
    handler(request) {
      const { id } = request.params;
      const act = { action: "probe.edit", detail: hub.probes.byId(id)?.name ?? String(id) };
      return record(request, act, () => hub.probes.edit(id, request.body));
    },
  });
  app.route<{ Params: IdParams }>({
    method: "DELETE",
    url: "/probe-tasks/:id",
    schema: { params: IdParams },
    config: { access: "admin" },
    async handler(request, reply) {
      const { id } = request.params;
      const act = { action: "probe.remove", detail: hub.probes.byId(id)?.name ?? String(id) };
      await record(request, act, () => hub.probes.remove(id));
      return reply.code(204).send();
    },
  });
}
