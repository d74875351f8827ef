/** Joins WebSockets to streams of bytes, as terminals are: each way as fast as its reader, and both end together. */
import type { RawData, WebSocket } from "ws";
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { Principal } from "./auth/principal.ts";
import { SendWindow } from "./send-window.ts";
import { bytesOf } from "./socket-bytes.ts";

const LEFT = "viewerLeft";

/** One end of a stream. */
export interface RelayedStream {
  /** False when the other end is behind: `onDrain` says when it is not any more. */
  send(bytes: Uint8Array): boolean;
  onReceive(listener: (bytes: Uint8Array) => void): void;
  onDrain(listener: () => void): void;
  setPaused(isPaused: boolean): void;
  /** Idempotent. */
  close(reason: typeof LEFT): void;
  /** Called once, also when it has ended already. */
  onClose(listener: (reason: string) => void): void;
}

/** How the peer of a socket speaks. */
export interface RelayDialect<Stream extends RelayedStream> {
  /** A message of the peer. False when it has to wait, as `send` says. */
  readonly receive: (stream: Stream, bytes: Buffer, isBinary: boolean) => boolean;
  /** Says goodbye and closes the socket: with the stream's code, or the error because of which there is none. */
  readonly end: (socket: WebSocket, why: string | Error) => void;
}

const BINARY = { binary: true } as const;

/** Passes bytes until one side ends. Whoever calls ends the stream when the socket has closed. */
export function relay<Stream extends RelayedStream>(
  socket: WebSocket,
  stream: Stream,
  { receive, end }: RelayDialect<Stream>,
): void {
  const window = new SendWindow((isFull) => {
    stream.setPaused(isFull);
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (!receive(stream, bytesOf(data), isBinary)) socket.pause();
  });
  stream.onDrain(() => {
    socket.resume();
  });
  stream.onReceive((bytes) => {
    window.leave(bytes.length);
    socket.send(bytes, BINARY, () => {
      window.arrive(bytes.length);
    });
  });
  stream.onClose((reason) => {
    // The peer's goodbye has to be read.
    socket.resume();
    end(socket, reason);
  });
}

export interface Viewer<Stream extends RelayedStream> extends RelayDialect<Stream> {
  readonly socket: WebSocket;
  readonly principal: Principal | null;
  readonly log: Logger;
  /** Rejects with `AppError` where there is none. */
  readonly open: () => Promise<Stream>;
}

/** Opens a stream for a viewer. What is typed before it is there waits in the socket. */
export async function relayViewer<Stream extends RelayedStream>(
  viewer: Viewer<Stream>,
): Promise<void> {
  const { socket, principal, log } = viewer;
  let stream: Stream | undefined;
  let hasLeft = false;
  const leave = (): void => {
    hasLeft = true;
    stream?.close(LEFT);
  };
  socket.pause();
  socket.once("close", () => {
    principal?.revoked.removeEventListener("abort", leave);
    leave();
  });
  // A paused socket does not notice that its peer has gone; signing out ends the stream all the same.
  principal?.revoked.addEventListener("abort", leave, { once: true });
  if (principal?.revoked.aborted === true) hasLeft = true;
  try {
    stream = await viewer.open();
    if (hasLeft) stream.close(LEFT);
    else relay(socket, stream, viewer);
  } catch (error) {
    const isExpected = error instanceof AppError && error.kind !== "internal";
    if (!isExpected) log.error({ err: error }, "A terminal failed");
    viewer.end(socket, isExpected ? error : new Error("The terminal failed; see the log"));
  }
  socket.resume();
}
