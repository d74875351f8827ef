import { chmodSync, unlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { describeError, StorageError } from "../../core/errors.ts";
import { createLane } from "../../core/lane.ts";
import type { Lane } from "../../core/lane.ts";
import type { Logger } from "../../core/log.ts";
import type { GadgetControl } from "../gadget/control.ts";
import { LineSplitter, parseRequest, replyOf } from "./protocol.ts";
import type { HelperReply } from "./protocol.ts";

/** The daemon needs one; a second lets a new daemon in while the old one goes. */
const MAX_CONNECTIONS = 4;
/** Owner and group: who is in the group of this process may ask. */
const SOCKET_MODE = 0o660;

export interface HelperServerOptions {
  readonly socket: string;
  readonly control: GadgetControl;
  readonly log: Logger;
}

export interface HelperServer {
  /** Ends every connection and removes the socket. The gadget stays as it is. */
  close(): Promise<void>;
}

async function perform(control: GadgetControl, line: string, log: Logger): Promise<HelperReply> {
  try {
    const request = parseRequest(line);
    switch (request.do) {
      case "apply":
        await control.apply(request.description, request.udc);
        break;
      case "insert":
        await control.insert(request.medium);
        break;
      case "eject":
        await control.eject();
    }
    return { ok: true };
  } catch (error) {
    log.warn({ err: error }, "Request refused");
    return replyOf(error);
  }
}

/** Resolves when the peer has read the answers, or is gone. */
function drained(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.off("drain", finish).off("close", finish);
      resolve();
    };
    socket.on("drain", finish).on("close", finish);
  });
}

function serve(socket: Socket, { control, log }: HelperServerOptions, inTurn: Lane): void {
  const splitter = new LineSplitter();
  const answer = async (lines: readonly string[]): Promise<void> => {
    for (const line of lines) {
      if (socket.destroyed) return;
      await inTurn(async () => {
        const reply = await perform(control, line, log);
        if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
      });
      // Whoever does not read its answers is not asked for more, and holds nobody else up.
      await drained(socket);
    }
    socket.resume();
  };
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.on("data", (text: string) => {
    try {
      const lines = splitter.push(text);
      if (lines.length === 0) return;
      // Nothing more is read until these are answered: whoever sends much has to wait like everybody.
      socket.pause();
      void answer(lines);
    } catch (error) {
      log.warn({ err: error }, "Connection dropped");
      socket.destroy();
    }
  });
}

/** A socket that nobody listens on is left over from a process that was killed. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => {
      resolve(false);
    });
  });
}

function listen(server: Server, path: string): Promise<void> {
  // Nobody else may connect in the moment before the mode is set.
  const umask = process.umask(0o117);
  return new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, SOCKET_MODE);
      resolve();
    });
  }).finally(() => {
    process.umask(umask);
  });
}

/** Listens on the socket; rejects with `StorageError` when that is not possible. */
export async function startHelperServer(options: HelperServerOptions): Promise<HelperServer> {
  const { socket: path, log } = options;
  const sockets = new Set<Socket>();
  // Requests of all connections, one after the other.
  const inTurn = createLane();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
    });
    serve(socket, options, inTurn);
  });
  server.maxConnections = MAX_CONNECTIONS;
  try {
    if (await isAlive(path)) throw new Error("somebody listens there already");
    try {
      unlinkSync(path);
    } catch {
      // Nothing was left over.
    }
    await listen(server, path);
  } catch (error) {
    const reason = describeError(error);
    throw new StorageError(`Cannot listen on ${path}: ${reason}`, { cause: error });
  }
  log.info({ socket: path }, "Listening");
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}
