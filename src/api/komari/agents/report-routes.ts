/** Reports: sockets of both versions, and single requests (Komari 1.4 to 1.7). */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { makeRoomBeside } from "../../../http/room.ts";
import { NodeNotFoundError } from "../../../hub/registry.ts";
import {
  acknowledgedOf,
  readRpcRequest,
  rpcErrorText,
  rpcResultText,
} from "../../../protocol/komari/agent-messages.ts";
import type { RpcRequest } from "../../../protocol/komari/agent-messages.ts";
import { AgentSocket } from "./agent-socket.ts";
import { BadCompressionError, inflatedJson, jsonBody, MOST_REPORT_BYTES } from "./bodies.ts";
import { Intake } from "./intake.ts";
import type { Taken } from "./intake.ts";
import { demandUpgrade, errorBody, identityOf, sendJson, SUCCESS } from "./parts.ts";
import type { AgentParts, AgentRoutes } from "./parts.ts";
import { callRpc, PARSE_ERROR } from "./rpc-calls.ts";
import type { RpcOutcome } from "./rpc-calls.ts";

const BAD_COMPRESSION = { code: -32_700, message: "invalid compressed body" } as const;
const GONE = 1008;

function openSocket(
  { hub, clock, lines, server }: AgentParts,
  intake: Intake,
  version: 1 | 2,
): (socket: WebSocket, request: FastifyRequest) => void {
  return (socket, request) => {
    const link = new AgentSocket({ socket, version, intake, clock });
    try {
      const identity = identityOf(request, `komari v${version} socket`);
      link.begin(hub.ingest.attach(identity, link));
      // One for each node, and their number is limited.
      makeRoomBeside(server, request.raw.socket);
      for (const task of lines.find(identity.node)?.drain() ?? []) link.send(task);
    } catch (error) {
      if (!(error instanceof NodeNotFoundError)) throw error;
      socket.close(GONE, "This node was removed");
    }
  };
}

/** Version 1 answers an agent's mistakes in two shapes. */
function answerTaken(reply: FastifyReply, taken: Taken, problem: string): FastifyReply {
  if (taken === "taken") return sendJson(reply, 200, SUCCESS);
  if (taken === "malformed") return sendJson(reply, 400, problem);
  return sendJson(reply, 429, errorBody("This agent sends too much"));
}

export const version1Routes: AgentRoutes = (app, parts) => {
  const { hub, gate, reconnections } = parts;
  const config = { access: "agent", identify: gate.identify } as const;
  const intake = new Intake(hub);
  app.route({
    method: "GET",
    url: "/api/clients/report",
    config,
    preHandler: reconnections.admit,
    handler: demandUpgrade,
    wsHandler: openSocket(parts, intake, 1),
  });
  app.route({
    method: "POST",
    url: "/api/clients/report",
    config,
    bodyLimit: MOST_REPORT_BYTES,
    handler: async (request, reply) => {
      const session = hub.ingest.visit(identityOf(request, "komari v1 http"));
      const taken = intake.report(session, await inflatedJson(request, MOST_REPORT_BYTES));
      return answerTaken(reply, taken, '{"error":"Invalid request body"}');
    },
  });
  app.route({
    method: "POST",
    url: "/api/clients/uploadBasicInfo",
    config,
    bodyLimit: MOST_REPORT_BYTES,
    handler: (request, reply) => {
      const session = hub.ingest.visit(identityOf(request, "komari v1 http"));
      const taken = intake.basicInfo(session, jsonBody(request));
      return answerTaken(reply, taken, errorBody("Invalid or missing data"));
    },
  });
};

/** Every failure is 400 with an error inside; agents take that for a server without version 2. */
function answerRpc(reply: FastifyReply, { id }: RpcRequest, outcome: RpcOutcome): FastifyReply {
  return outcome.ok
    ? sendJson(reply, 200, rpcResultText(id, outcome.result))
    : sendJson(reply, 400, rpcErrorText(id, outcome.problem));
}

/** Aborted when the client hangs up. */
function hangUp({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once("close", () => {
    controller.abort();
  });
  return controller.signal;
}

async function serveRpc(
  { hub, lines }: AgentParts,
  intake: Intake,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const identity = identityOf(request, "komari v2 http");
  const call = readRpcRequest(await inflatedJson(request, MOST_REPORT_BYTES));
  if (call === undefined) {
    intake.malformed();
    return sendJson(reply, 400, rpcErrorText(undefined, PARSE_ERROR));
  }
  const { method, params } = call;
  // Only these two come again and again, and can bring tasks back.
  if (method !== "agent.report" && method !== "agent.pull") {
    return answerRpc(reply, call, callRpc(intake, hub.ingest.visit(identity), call));
  }
  const line = lines.of(identity.node);
  const session = hub.ingest.visit(identity, line);
  const acknowledged = acknowledgedOf(params);
  const events =
    method === "agent.pull"
      ? await line.pull(acknowledged, hangUp(reply))
      : line.take(acknowledged);
  return answerRpc(reply, call, callRpc(intake, session, call, events));
}

export const version2Routes: AgentRoutes = (app, parts) => {
  const { hub, gate, reconnections } = parts;
  const config = { access: "agent", identify: gate.identify } as const;
  const intake = new Intake(hub);
  app.route({
    method: "GET",
    url: "/api/clients/v2/rpc",
    config,
    preHandler: reconnections.admit,
    handler: demandUpgrade,
    wsHandler: openSocket(parts, intake, 2),
  });
  app.route({
    method: "POST",
    url: "/api/clients/v2/rpc",
    config,
    bodyLimit: MOST_REPORT_BYTES,
    handler: async (request, reply) => {
      try {
        return await serveRpc(parts, intake, request, reply);
      } catch (error) {
        if (!(error instanceof BadCompressionError)) throw error;
        intake.malformed();
        return sendJson(reply, 400, rpcErrorText(undefined, BAD_COMPRESSION));
      }
    },
  });
};
