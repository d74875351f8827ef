/** `/nodes/{uuid}/terminal`: joins a viewer's socket to a stream of the hub. The hub has asked and written it down before. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { RawData, WebSocket } from "ws";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { StreamEnd } from "../../hub/control.ts";
import type { Hub } from "../../hub/hub.ts";
import { TERMINAL_ENDED } from "../../protocol/fleet/terminal.ts";
import { decodeResize } from "../../protocol/fleet/terminal.ts";
import { actorOf, nodeFor } from "./viewer.ts";

export interface TerminalRouteOptions {
  readonly hub: Hub;
  readonly log: Logger;
}

/** The node's side waits while this much output is on its way to a slow viewer, until only the second is. */
const PAUSE_BYTES = 256 * 1024;
const RESUME_BYTES = 64 * 1024;
/** RFC 6455 5.5.1: a close frame has room for so many bytes of reason. */
const MOST_REASON_BYTES = 123;
const BINARY = { binary: true } as const;

/** Cut where it has to be, never within a character. */
function closeReason(text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) > MOST_REASON_BYTES) cut = cut.slice(0, -1);
  return cut;
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function receive(end: StreamEnd, socket: WebSocket, data: RawData, isBinary: boolean): void {
  const bytes = bytesOf(data);
  if (isBinary) {
    if (!end.send(bytes)) socket.pause();
    return;
  }
  const size = decodeResize(Buffer.from(bytes).toString("utf8"));
  if (size !== undefined) end.resize(size.columns, size.rows);
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
    socket.close(TERMINAL_ENDED, closeReason(reason));
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    receive(end, socket, data, isBinary);
  });
}

/** What is typed before the node's side is there waits in the socket. */
async function serve(
  { hub, log }: TerminalRouteOptions,
  socket: WebSocket,
  request: FastifyRequest<{ Params: { uuid: string } }>,
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
    const { id } = nodeFor(hub, request, request.params.uuid);
    ({ end } = await hub.control.openTerminal(actorOf(request), id));
    if (hasLeft) end.close("the viewer has left");
    else join(end, socket);
  } catch (error) {
    const isExpected = error instanceof AppError && error.kind !== "internal";
    if (!isExpected) log.error({ err: error }, "A terminal failed");
    socket.close(
      TERMINAL_ENDED,
      closeReason(isExpected ? error.message : "The terminal failed; see the log"),
    );
  }
  socket.resume();
}

export function terminalRoute(app: FastifyInstance, options: TerminalRouteOptions): void {
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
      void serve(options, socket, request);
    },
  });
}
