/**
 * The same server on a socket in the data folder, for this program's own commands. Whoever may open that file may read
 * everything in the folder anyhow, so the file system has said who it is: an admin.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { Clock } from "../core/clock.ts";
import { describeError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { Principal } from "./auth/principal.ts";
import { createNodeServer } from "./node-server.ts";

export interface LocalDoorOptions {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opened by the role that has commands; closes with the server. */
export interface LocalDoor {
  /** Who is at the door; undefined for requests that came another way. */
  admit(request: FastifyRequest): Principal | undefined;
  /** Never rejects: without the socket only the commands are missing. */
  open(path: string): Promise<void>;
}

const MOST = 8;
const OWNER_ONLY_MASK = 0o177;
/** Longest path of a socket (unix(7)), its final zero included. */
const PATH_LIMIT = 108;

/** Where the door of a data folder is. */
export const doorPath = (dataDir: string): string => `${dataDir}/control.sock`;

/** A socket that nobody listens on is left over from a process that was killed. */
export function answersAt(path: string): Promise<boolean> {
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

/** Declares nothing; `open` listens. Call it before routes are declared. */
export function createLocalDoor(
  app: FastifyInstance,
  { files, clock, log }: LocalDoorOptions,
): LocalDoor {
  const sockets = new WeakSet<Socket>();
  const principal: Principal = {
    user: "local",
    role: "admin",
    via: "local",
    revoked: new AbortController().signal,
  };
  let release = (): void => undefined;
  app.addHook("onClose", (_app, done) => {
    release();
    done();
  });
  const listen = async (path: string): Promise<void> => {
    await app.ready();
    if (await answersAt(path)) throw new Error("another process listens there");
    await files.remove(path);
    const node = createNodeServer(app.routing.bind(app), { maxConnections: MOST, clock });
    const { server } = node;
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      // Sockets of this kind have none, and everybody who writes down who asked expects one.
      Object.defineProperty(socket, "remoteAddress", { value: "127.0.0.1" });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      // Whoever may write to it is an admin, whatever this process leaves to others elsewhere.
      const mask = process.umask(OWNER_ONLY_MASK);
      server.listen(path, resolve);
      process.umask(mask);
    });
    release = () => {
      node.destroyConnections();
      server.close();
    };
  };
  return {
    admit: ({ raw }) => (sockets.has(raw.socket) ? principal : undefined),
    async open(path) {
      try {
        if (Buffer.byteLength(path) >= PATH_LIMIT) throw new Error("the path is too long");
        await listen(path);
      } catch (error) {
        const reason = describeError(error);
        log.warn({ path, reason }, "Commands like 'farhand node' cannot reach this process");
      }
    },
  };
}
