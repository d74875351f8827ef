/**
 * WebSocket `/api/admin/client/{uuid}/terminal` (Komari 1.11): joins a browser to the agent's terminal. The hub asks
 * the agent, checks that the node allows it, and writes it down before.
 */
import { Buffer } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { relayViewer } from "../../http/stream-relay.ts";
import type { RelayDialect } from "../../http/stream-relay.ts";
import { terminalEndText } from "../../hub/control.ts";
import type { StreamEnd } from "../../hub/control.ts";
import { confirmAct, nodeOf } from "./calls/admin-parts.ts";
import { actorOf } from "./calls/call.ts";
import type { CallParts } from "./calls/call.ts";
import { isTree, textOf } from "./calls/params.ts";
import { callerOf } from "./rest.ts";

const NORMAL_CLOSURE = 1000;
/** Longer ones are no messages of a front end, but something that was pasted. */
const MOST_MESSAGE = 4096;

interface TerminalParams {
  readonly uuid: string;
}

function messageOf(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length > MOST_MESSAGE || bytes[0] !== 0x7b) return undefined;
  try {
    const message: unknown = JSON.parse(bytes.toString("utf8"));
    return isTree(message) && typeof message["type"] === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What a browser sends: sizes and heartbeats as JSON, and what is typed, as text or bytes. False when it has to wait. */
function receive(end: StreamEnd, bytes: Buffer, isBinary: boolean): boolean {
  const message = isBinary ? undefined : messageOf(bytes);
  if (message === undefined) return bytes.length === 0 || end.send(bytes);
  if (message["type"] === "input") return end.send(Buffer.from(textOf(message, "input")));
  const { cols, rows } = message;
  if (message["type"] === "resize" && typeof cols === "number" && typeof rows === "number") {
    end.resize(cols, rows);
  }
  return true;
}

const DIALECT: RelayDialect<StreamEnd> = {
  receive,
  end(socket, why) {
    socket.send(`\r\n${terminalEndText(why)}\r\n`);
    socket.close(NORMAL_CLOSURE);
  },
};

export function terminalSocket(
  app: FastifyInstance,
  parts: Pick<CallParts, "hub" | "auth" | "log">,
): void {
  app.route<{ Params: TerminalParams }>({
    method: "GET",
    url: "/api/admin/client/:uuid/terminal",
    config: { access: "admin" },
    preHandler: async (request) => {
      nodeOf(parts, { ...request.params });
      await confirmAct(parts, callerOf(request), {});
    },
    handler: (_request, reply) =>
      reply.code(400).send({ status: "error", message: "Require WebSocket upgrade" }),
    wsHandler: (socket, request) => {
      const open = async (): Promise<StreamEnd> => {
        const { id } = nodeOf(parts, { ...request.params });
        return (await parts.hub.control.openTerminal(actorOf(callerOf(request)), id)).end;
      };
      void relayViewer({ ...DIALECT, socket, principal: request.principal, log: parts.log, open });
    },
  });
}
