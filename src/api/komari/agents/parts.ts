import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Server } from "node:net";
import type { Clock } from "../../../core/clock.ts";
import type { Logger } from "../../../core/log.ts";
import { plainAddress } from "../../../http/address.ts";
import { UnauthorizedError } from "../../../http/auth/errors.ts";
import type { Hub } from "../../../hub/hub.ts";
import type { AgentIdentity } from "../../../hub/ingest.ts";
import type { AgentGate } from "./gate.ts";
import type { PostLines } from "./post-lines.ts";
import type { Reconnections } from "./reconnections.ts";

/** What the routes of agents share. */
export interface AgentParts {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gate: AgentGate;
  /** Takes the connections. */
  readonly server: Server;
  readonly lines: PostLines;
  readonly reconnections: Reconnections;
}

export type AgentRoutes = (app: FastifyInstance, parts: AgentParts) => void;

/** Who sends this request; routes of agents only. */
export function identityOf(request: FastifyRequest, dialect: string): AgentIdentity {
  const { agent, ip } = request;
  if (agent === null) throw new UnauthorizedError("Unauthorized.");
  return { node: agent.node, dialect, remoteAddress: plainAddress(ip) };
}

/** Agents compare the status with 200 and read the body as JSON. */
export function sendJson(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type("application/json; charset=utf-8").send(text);
}

export const SUCCESS = '{"status":"success"}';

/** Some handlers of the original say `error` and others `message` (Komari 0.3). */
export function errorBody(error: string): string {
  return JSON.stringify({ error, status: "error" });
}

/** What a route of sockets answers to a request that is none. */
export function demandUpgrade(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendJson(reply, 400, errorBody("Require WebSocket upgrade"));
}
