/**
 * WebSocket `/api/admin/client/{uuid}/terminal` (Komari 1.11): joins a browser to the agent's terminal. The hub asks
 * the agent, checks that the node allows it, and writes it down before.
 */
import { Buffer } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { RawData, WebSocket } from "ws";
import { AppError } from "../../core/errors.ts";
import type { StreamEnd } from "../../hub/control.ts";
import { confirmAct, nodeOf } from "./calls/admin-parts.ts";
import { actorOf } from "./calls/call.ts";
import type { CallParts } from "./calls/call.ts";
import { isTree, textOf } from "./calls/params.ts";
import { callerOf } from "./rest.ts";

/** The node's side waits while this much output is on its way to a slow viewer, until only the second is. */
const PAUSE_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;
const NORMAL_CLOSURE = 1000;
/** Longer ones are no messages of a front end, but something that was pasted. */
const MOST_MESSAGE = 4096;
const BINARY = { binary: true } as const;

interface TerminalParams {
  readonly uuid: string;
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function messageOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length > MOST_MESSAGE || bytes[0] !== 0x7b) return undefined;
  try {
    const message: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isTree(message) && typeof message["type"] === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What a browser sends: sizes and heartbeats as JSON, and what is typed, as text or bytes. False when it has to wait. */
function receive(end: StreamEnd, bytes: Uint8Array, isBinary: boolean): boolean {
  const message = isBinary ? undefined : messageOf(bytes);
  if (message === undefined) return bytes.length === 0 || end.send(bytes);
  if (message["type"] === "input") return end.send(Buffer.from(textOf(message, "input")));
  const { cols, rows } = message;
  if (message["type"] === "resize" && typeof cols === "number" && typeof rows === "number") {
    end.resize(cols, rows);
  }
  return true;
}

/** Both ways, each as fast as its reader. */
function join(end: StreamEnd, socket: WebSocket): void {
  let onTheWay = 0;
  let isPaused = false;
  const pace = (): void => {
    const wanted = isPaused ? onTheWay > RESUME_BYTES : onTheWay > PAUSE_BYTES;
    if (wanted === isPaused) return;
    isPaused = wanted;
    end.setPaused(wanted);
  };
  end.onReceive((bytes) => {
    onTheWay += bytes.length;
    socket.send(bytes, BINARY, () => {
      onTheWay -= bytes.length;
      pace();
    });
    pace();
  });
  end.onDrain(() => {
    socket.resume();
  });
  end.onClose((reason) => {
    socket.resume();
    socket.send(`\r\n${reason}\r\n`);
    socket.close(NORMAL_CLOSURE);
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (!receive(end, bytesOf(data), isBinary)) socket.pause();
  });
}

/** What is typed before the node's side is there waits in the socket. */
async function serve(
  { hub, log }: Pick<CallParts, "hub" | "log">,
  socket: WebSocket,
  request: FastifyRequest<{ Params: TerminalParams }>,
): Promise<void> {
  let end: StreamEnd | undefined;
  let hasLeft = false;
  const leave = (): void => {
    hasLeft = true;
    end?.close("the viewer has left");
  };
  const { principal } = request;
  socket.pause();
  socket.once("close", () => {
    principal?.revoked.removeEventListener("abort", leave);
    leave();
  });
  // A paused socket does not notice that its peer has gone; signing out ends the stream all the same.
  principal?.revoked.addEventListener("abort", leave, { once: true });
  if (principal?.revoked.aborted === true) hasLeft = true;
  try {
    const { id } = nodeOf({ hub }, { ...request.params });
    ({ end } = await hub.control.openTerminal(actorOf(callerOf(request)), id));
    if (hasLeft) end.close("the viewer has left");
    else join(end, socket);
  } catch (error) {
    const isExpected = error instanceof AppError && error.kind !== "internal";
    if (!isExpected) log.error({ err: error }, "A terminal failed");
    socket.send(`${isExpected ? error.message : "The terminal failed; see the log"}\r\n`);
    socket.close(NORMAL_CLOSURE);
  }
  socket.resume();
}

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
      void serve(parts, socket, request);
    },
  });
}
