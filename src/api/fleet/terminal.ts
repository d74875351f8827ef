/** `/nodes/{uuid}/terminal`: joins a viewer's socket to a stream of the hub. The hub has asked and written it down before. */
import type { FastifyInstance } from "fastify";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { actorOf } from "../../http/auth/actor.ts";
import { closeReason } from "../../http/socket-bytes.ts";
import { relayViewer } from "../../http/stream-relay.ts";
import type { RelayDialect } from "../../http/stream-relay.ts";
import type { StreamEnd } from "../../hub/control.ts";
import type { Hub } from "../../hub/hub.ts";
import { TERMINAL_ENDED, decodeResize } from "../../protocol/fleet/terminal.ts";
import { nodeFor } from "./viewer.ts";

export interface TerminalRouteOptions {
  readonly hub: Hub;
  readonly log: Logger;
}

function codeOf(why: string | Error): string {
  if (typeof why === "string") return why;
  return why instanceof AppError ? why.code : "INTERNAL";
}

/** Bytes are typed as they are; text says how large the window is. */
const DIALECT: RelayDialect<StreamEnd> = {
  receive(end, bytes, isBinary) {
    if (isBinary) return end.send(bytes);
    const size = decodeResize(bytes.toString("utf8"));
    if (size !== undefined) end.resize(size.columns, size.rows);
    return true;
  },
  end(socket, why) {
    socket.close(TERMINAL_ENDED, closeReason(codeOf(why)));
  },
};

export function terminalRoute(app: FastifyInstance, { hub, log }: TerminalRouteOptions): void {
  app.route<{ Params: { uuid: string } }>({
    method: "GET",
    url: "/nodes/:uuid/terminal",
    config: { access: "admin" },
    handler: (_request, reply) =>
      reply
        .code(426)
        .header("Upgrade", "websocket")
        .type("text/plain; charset=utf-8")
        .send("426: Upgrade Required"),
    wsHandler: (socket, request) => {
      const { principal } = request;
      const open = async (): Promise<StreamEnd> => {
        const { id } = nodeFor(hub, request, request.params.uuid);
        return (await hub.control.openTerminal(actorOf(request), id)).end;
      };
      void relayViewer({ ...DIALECT, socket, principal, log, open });
    },
  });
}
