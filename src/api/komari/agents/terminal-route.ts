/** The agent's end of a terminal (Komari 1.11). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { Clock } from "../../../core/clock.ts";
import { closeReason } from "../../../http/socket-bytes.ts";
import { relay } from "../../../http/stream-relay.ts";
import type { RelayDialect } from "../../../http/stream-relay.ts";
import { terminalEndText } from "../../../hub/control.ts";
import type { StreamEnd } from "../../../hub/control.ts";
import { isTree } from "../../../protocol/komari/commands.ts";
import { demandUpgrade, errorBody, identityOf, sendJson } from "./parts.ts";
import type { AgentParts } from "./parts.ts";

const GOODBYE_MS = 1000;
const DONE = 1000;

function dialectOf(clock: Clock): RelayDialect<StreamEnd> {
  return {
    receive: (end, bytes) => end.send(bytes),
    end(socket, why) {
      socket.close(DONE, closeReason(terminalEndText(why)));
      const cancel = clock.setTimer(GOODBYE_MS, () => {
        socket.terminate();
      });
      socket.once("close", cancel);
    },
  };
}

function streamOf({ query }: FastifyRequest): string {
  const id = isTree(query) ? query["id"] : undefined;
  return typeof id === "string" ? id : "";
}

/** `GET /api/clients/terminal`: for a stream that waits for this very node, once. */
export function terminalRoute(app: FastifyInstance, { hub, gate, clock }: AgentParts): void {
  const ends = new WeakMap<IncomingMessage, StreamEnd>();
  const dialect = dialectOf(clock);
  const join = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void,
  ): void => {
    if (!request.ws) {
      done();
      return;
    }
    const { node } = identityOf(request, "komari terminal");
    const end = hub.control.joinTerminal(node, streamOf(request));
    if (end === undefined) {
      void sendJson(reply, 404, errorBody("Session not found"));
      return;
    }
    ends.set(request.raw, end);
    // Of the connection below, because the handshake may come to nothing.
    request.raw.socket.once("close", () => {
      end.close("agentClosed");
    });
    done();
  };
  app.route({
    method: "GET",
    url: "/api/clients/terminal",
    config: { access: "agent", identify: gate.identify },
    preHandler: join,
    handler: demandUpgrade,
    wsHandler: (socket, request) => {
      const end = ends.get(request.raw);
      if (end === undefined) {
        socket.terminate();
        return;
      }
      end.onResize((cols, rows) => {
        socket.send(JSON.stringify({ type: "resize", cols, rows }));
      });
      relay(socket, end, dialect);
    },
  });
}
