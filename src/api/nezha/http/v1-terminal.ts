/** Terminals as clients of v1 and later open them (Nezha facts 3.2): ordered by one request, joined by a socket. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { RawData, WebSocket } from "ws";
import { actorOf } from "../../../http/auth/actor.ts";
import { plainAddress } from "../../../http/address.ts";
import type { StreamEnd } from "../../../hub/control.ts";
import { parseTerminalFrame } from "../../../protocol/nezha/io-stream.ts";
import { demandNode, success } from "./v1-answer.ts";
import type { V1Options } from "./v1-options.ts";

/** A terminal that was ordered waits so long for its viewer. */
const JOIN_MS = 15_000;
/** Output on its way to a slow viewer: its agent waits above the first, until it is below the second. */
const PAUSE_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;
/** RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;
const MAX_REASON = 120;
const BINARY = { binary: true } as const;

interface Ordered {
  readonly user: string;
  readonly end: StreamEnd;
  readonly stopWaiting: () => void;
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** Text is typed as it is; the first byte of anything else says what it is. */
function take(end: StreamEnd, bytes: Uint8Array, isBinary: boolean): boolean {
  if (!isBinary) return end.send(bytes);
  const frame = parseTerminalFrame(bytes);
  if (frame.kind === "input") return end.send(frame.bytes);
  if (frame.kind === "resize") end.resize(frame.cols, frame.rows);
  return true;
}

/** Both ways, each as fast as its reader. */
function join(end: StreamEnd, socket: WebSocket): void {
  let onTheWay = 0;
  const onSent = (count: number): void => {
    onTheWay -= count;
    if (onTheWay < RESUME_BYTES) end.setPaused(false);
  };
  end.onReceive((bytes) => {
    onTheWay += bytes.length;
    socket.send(bytes, BINARY, () => {
      onSent(bytes.length);
    });
    if (onTheWay > PAUSE_BYTES) end.setPaused(true);
  });
  end.onDrain(() => {
    socket.resume();
  });
  end.onClose((reason) => {
    socket.resume();
    socket.close(NORMAL, reason.replaceAll(/[^ -~]/g, "?").slice(0, MAX_REASON));
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (!take(end, bytesOf(data), isBinary)) socket.pause();
  });
  socket.once("close", () => {
    end.close("the viewer has left");
  });
}

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
  const { user, address } = actorOf(request);
  const actor = { user, address: plainAddress(address) };
  const { end } = await hub.control.openTerminal(actor, node.id);
  const id = randomUUID();
  const stopWaiting = clock.setTimer(JOIN_MS, () => {
    ordered.delete(id);
    end.close("nobody came for this terminal");
  });
  ordered.set(id, { user, end, stopWaiting });
  return success({ session_id: id, server_id: node.id, server_name: node.name });
}

/** Declares the routes. */
export function terminalRoutes(app: FastifyInstance, options: V1Options): void {
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
      join(found.end, socket);
    },
  );
}
