/** The agent's end of a terminal (Komari 1.11). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import type { Clock } from "../../../core/clock.ts";
import type { StreamEnd } from "../../../hub/control.ts";
import { isTree } from "../../../protocol/komari/commands.ts";
import { demandUpgrade, errorBody, identityOf, sendJson } from "./parts.ts";
import type { AgentParts } from "./parts.ts";

/** More than this on its way to the agent, and the viewer has to wait. */
const FULL_BYTES = 256 * 1024;
const GOODBYE_MS = 1000;
const DONE = 1000;
/** A close frame has room for 123 bytes. */
const MOST_REASON = 120;

/** Passes bytes until one side ends. */
function relay(socket: WebSocket, end: StreamEnd, clock: Clock): void {
  let isFull = false;
  const onSent = (): void => {
    if (!isFull || socket.bufferedAmount > FULL_BYTES / 2) return;
    isFull = false;
    end.setPaused(false);
  };
  socket.on("message", (data) => {
    if (Buffer.isBuffer(data) && !end.send(data)) socket.pause();
  });
  end.onDrain(() => {
    socket.resume();
  });
  end.onClose((reason) => {
    socket.resume();
    socket.close(DONE, Buffer.from(reason).subarray(0, MOST_REASON));
    const cancel = clock.setTimer(GOODBYE_MS, () => {
      socket.terminate();
    });
    socket.once("close", cancel);
  });
  end.onResize((cols, rows) => {
    socket.send(JSON.stringify({ type: "resize", cols, rows }));
  });
  end.onReceive((bytes) => {
    socket.send(bytes, { binary: true }, onSent);
    if (isFull || socket.bufferedAmount <= FULL_BYTES) return;
    isFull = true;
    end.setPaused(true);
  });
}

function streamOf({ query }: FastifyRequest): string {
  const id = isTree(query) ? query["id"] : undefined;
  return typeof id === "string" ? id : "";
}

/** `GET /api/clients/terminal`: for a stream that waits for this very node, once. */
export function terminalRoute(app: FastifyInstance, { hub, gate, clock }: AgentParts): void {
  const ends = new WeakMap<IncomingMessage, StreamEnd>();
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
      end.close("The agent closed the terminal");
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
      if (end === undefined) socket.terminate();
      else relay(socket, end, clock);
    },
  });
}
