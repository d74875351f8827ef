/** Terminals as clients of v1 and later open them (Nezha facts 3.2): ordered by one request, joined by a socket. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actorOf } from "../../../http/auth/actor.ts";
import { closeReason } from "../../../http/socket-bytes.ts";
import { relayViewer } from "../../../http/stream-relay.ts";
import type { RelayDialect } from "../../../http/stream-relay.ts";
import { terminalEndText } from "../../../hub/control.ts";
import type { StreamEnd } from "../../../hub/control.ts";
import { parseTerminalFrame } from "../../../protocol/nezha/io-stream.ts";
import { demandNode, success } from "./v1-answer.ts";
import type { V1Options } from "./v1-options.ts";

/** A terminal that was ordered waits so long for its viewer. */
const JOIN_MS = 15_000;
/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;

interface Ordered {
  readonly user: string;
  readonly end: StreamEnd;
  readonly stopWaiting: () => void;
}

const DIALECT: RelayDialect<StreamEnd> = {
  /** Text is typed as it is; the first byte of anything else says what it is. */
  receive(end, bytes, isBinary) {
    if (!isBinary) return end.send(bytes);
    const frame = parseTerminalFrame(bytes);
    if (frame.kind === "input") return end.send(frame.bytes);
    if (frame.kind === "resize") end.resize(frame.cols, frame.rows);
    return true;
  },
  end(socket, why) {
    socket.close(NORMAL, closeReason(terminalEndText(why)));
  },
};

function serverIdOf(body: unknown): string {
  if (typeof body !== "object" || body === null || !("server_id" in body)) return "";
  return typeof body.server_id === "number" ? String(body.server_id) : "";
}

async function orderTerminal(
  { hub, clock }: V1Options,
  ordered: Map<string, Ordered>,
  request: FastifyRequest,
) {
  const node = demandNode(hub, "member", serverIdOf(request.body));
  const actor = actorOf(request);
  const { end } = await hub.control.openTerminal(actor, node.id);
  const id = randomUUID();
  const stopWaiting = clock.setTimer(JOIN_MS, () => {
    ordered.delete(id);
    end.close("nobodyCame");
  });
  ordered.set(id, { user: actor.user, end, stopWaiting });
  return success({ session_id: id, server_id: node.id, server_name: node.name });
}

/** Declares the routes. */
export function terminalRoutes(app: FastifyInstance, options: V1Options): void {
  const { log } = options;
  const ordered = new Map<string, Ordered>();
  app.post("/api/v1/terminal", { config: { access: "admin" } }, (request) =>
    orderTerminal(options, ordered, request),
  );
  app.get<{ Params: { id: string } }>(
    "/api/v1/ws/terminal/:id",
    { websocket: true, config: { access: "admin" } },
    (socket, { params: { id }, principal }) => {
      const found = ordered.get(id);
      // Knowing the number is not enough: it is for whoever ordered it.
      if (found === undefined || found.user !== principal?.user) {
        socket.close(POLICY_VIOLATION, "there is no such terminal");
        return;
      }
      ordered.delete(id);
      found.stopWaiting();
      const open = (): Promise<StreamEnd> => Promise.resolve(found.end);
      void relayViewer({ ...DIALECT, socket, principal, log, open });
    },
  );
}
