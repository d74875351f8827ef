/** One node: everything about it, and what admins do with it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { addedNode } from "../../hub/audit.ts";
import type { Hub } from "../../hub/hub.ts";
import type { IssuedNode, NodeNotes, NodeRecord } from "../../hub/registry.ts";
import { NodeNotesBody } from "../../protocol/fleet/nodes.ts";
import type { IssuedNodeView, NodeDetail, NodePrivate } from "../../protocol/fleet/nodes.ts";
import { installHints } from "./install-hints.ts";
import type { InstallHintOptions } from "./install-hints.ts";
import { currentNode, publicNode } from "./node-text.ts";
import type { Recorder } from "../../http/auth/recorder.ts";
import { nodeFor } from "./viewer.ts";

export interface NodeRoutesOptions extends InstallHintOptions {
  readonly hub: Hub;
  readonly record: Recorder;
}

interface NodeParams {
  readonly uuid: string;
}

function factsView({ facts }: NodeRecord): NodeDetail["facts"] {
  return {
    os: facts.osName,
    platform: facts.platform,
    platformVersion: facts.platformVersion,
    kernel: facts.kernelVersion,
    arch: facts.arch,
    virtualization: facts.virtualization,
    cpus: facts.cpuModels,
    logicalCores: facts.logicalCores,
    physicalCores: facts.physicalCores,
    gpus: facts.gpuModels,
    bootTimeSeconds: facts.bootTimeSeconds,
    agentVersion: facts.agentVersion,
  };
}

function privateView(hub: Hub, { id, remark, isAutoRenewal, facts }: NodeRecord): NodePrivate {
  return {
    remark,
    isAutoRenewal,
    ipv4: facts.ipv4,
    ipv6: facts.ipv6,
    remoteAddress: hub.ingest.remoteAddress(id),
    permissions: hub.control.permissions(id),
  };
}

function detailOf(hub: Hub, node: NodeRecord, isGuest: boolean): NodeDetail {
  const report = hub.ingest.latest(node.id);
  const listed = currentNode(hub, node);
  return {
    node: isGuest ? publicNode(listed) : listed,
    createdAt: node.createdAt,
    updatedAt: node.updatedAt,
    facts: factsView(node),
    temperatures: report?.temperatures ?? [],
    gpus: report?.gpus ?? [],
    message: report?.message ?? "",
    private: isGuest ? null : privateView(hub, node),
  };
}

/** Members that were sent; a null date is none. */
function notesOf({ expiresAt, ...notes }: NodeNotesBody): Partial<NodeNotes> {
  return expiresAt === undefined ? notes : { ...notes, expiresAt: expiresAt ?? undefined };
}

async function issue(
  options: NodeRoutesOptions,
  request: FastifyRequest,
  { node, token }: IssuedNode,
): Promise<IssuedNodeView> {
  const install = await installHints(request, node, token, options);
  return { node: currentNode(options.hub, node), token, install };
}

function editRoutes(app: FastifyInstance, options: NodeRoutesOptions): void {
  const { hub, record } = options;
  app.route<{ Params: NodeParams; Body: NodeNotesBody }>({
    method: "PATCH",
    url: "/nodes/:uuid",
    schema: { body: NodeNotesBody },
    config: { access: "admin" },
    async handler(request) {
      const { id } = nodeFor(hub, request, request.params.uuid);
      const detail = Object.keys(request.body).join(", ");
      const act = { action: "node.edit", node: id, detail };
      const node = await record(request, act, () => hub.registry.edit(id, notesOf(request.body)));
      return currentNode(hub, node);
    },
  });
  app.route<{ Params: NodeParams }>({
    method: "DELETE",
    url: "/nodes/:uuid",
    config: { access: "admin" },
    async handler(request, reply) {
      const { id, name } = nodeFor(hub, request, request.params.uuid);
      const act = { action: "node.remove", node: id, detail: name };
      await record(request, act, () => hub.registry.remove(id));
      return reply.code(204).send();
    },
  });
  app.route<{ Params: NodeParams }>({
    method: "POST",
    url: "/nodes/:uuid/token",
    config: { access: "admin" },
    async handler(request) {
      const { id, name } = nodeFor(hub, request, request.params.uuid);
      const act = { action: "node.token", node: id, detail: name };
      return issue(options, request, await record(request, act, () => hub.registry.renewToken(id)));
    },
  });
}

export function nodeRoutes(app: FastifyInstance, options: NodeRoutesOptions): void {
  const { hub, record } = options;
  app.route<{ Params: NodeParams }>({
    method: "GET",
    url: "/nodes/:uuid",
    config: { access: "guest" },
    handler: (request, reply) => {
      const node = nodeFor(hub, request, request.params.uuid);
      return reply.send(detailOf(hub, node, request.principal === null));
    },
  });
  app.route<{ Body: NodeNotesBody }>({
    method: "POST",
    url: "/nodes",
    schema: { body: NodeNotesBody },
    config: { access: "admin" },
    async handler(request, reply) {
      const notes = notesOf(request.body);
      const act = { action: "node.add", detail: notes.name ?? "", outcome: addedNode };
      const issued = await record(request, act, () => hub.registry.add({ notes }));
      return reply.code(201).send(await issue(options, request, issued));
    },
  });
  editRoutes(app, options);
}
