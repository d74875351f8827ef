/** The half of the Komari contract that agents speak (Komari 1). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HubConfig } from "../../../config/schema.ts";
import type { Clock } from "../../../core/clock.ts";
import { AppError } from "../../../core/errors.ts";
import type { Logger } from "../../../core/log.ts";
import { statusOf } from "../../../http/errors.ts";
import type { Hub } from "../../../hub/hub.ts";
import { installAgentBodies } from "./bodies.ts";
import { AgentGate } from "./gate.ts";
import { sendJson } from "./parts.ts";
import { PostLines } from "./post-lines.ts";
import { Reconnections } from "./reconnections.ts";
import { registerRoute } from "./register-route.ts";
import { version1Routes, version2Routes } from "./report-routes.ts";
import { commandRoutes, pingRoutes } from "./task-routes.ts";
import { terminalRoute } from "./terminal-route.ts";

export interface KomariAgentsOptions {
  readonly hub: Hub;
  readonly config: { readonly hub: Pick<HubConfig, "discoveryKey"> };
  readonly clock: Clock;
  readonly log: Logger;
}

const TOO_LARGE = "FST_ERR_CTP_BODY_TOO_LARGE";

/** Failures in the shape of the original; what is none of ours goes on to the server's own handler. */
function answerErrors({ ingest }: Hub) {
  return (error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof AppError && error.kind !== "internal") {
      const { message } = error;
      const text = JSON.stringify({ status: "error", message });
      return sendJson(reply, statusOf(error), text);
    }
    if (error instanceof Error && "code" in error && error.code === TOO_LARGE) {
      ingest.count("oversize");
      return sendJson(reply, 413, '{"status":"error","message":"The body is too large"}');
    }
    throw error;
  };
}

/** Declares the routes of agents, in a scope of its own. */
export async function komariAgentsApi(
  app: FastifyInstance,
  { hub, config, clock, log }: KomariAgentsOptions,
): Promise<void> {
  const lines = new PostLines(clock);
  const gate = new AgentGate({ hub, clock });
  const reconnections = new Reconnections({ clock, log });
  const { server } = app;
  const parts = { hub, clock, log, gate, lines, reconnections, server };
  installAgentBodies(app);
  app.setErrorHandler(answerErrors(hub));
  // Agents that wait for their next task would hold up the end.
  app.addHook("preClose", (done) => {
    lines.close();
    done();
  });
  registerRoute(app, parts, config.hub.discoveryKey);
  version1Routes(app, parts);
  version2Routes(app, parts);
  pingRoutes(app, parts);
  commandRoutes(app, parts);
  terminalRoute(app, parts);
  await Promise.resolve();
}
