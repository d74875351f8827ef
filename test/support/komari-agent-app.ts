import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { komariAgentsApi } from "../../src/api/komari/agents/agent-api.ts";
import { ForbiddenError } from "../../src/http/auth/errors.ts";
import { authGuard } from "../../src/http/auth/guard.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { webSockets } from "../../src/http/websocket.ts";
import type { Hub } from "../../src/hub/hub.ts";
import type { IssuedNode } from "../../src/hub/registry.ts";
import { HTTP_CONFIG } from "./auth-fixture.ts";
import type { FakeClock } from "./fake-clock.ts";
import { hubFixture } from "./hub-fixture.ts";
import { httpCall } from "./http-request.ts";
import type { HttpOptions, HttpReply } from "./http-request.ts";
import { recordingLogger } from "./recording-logger.ts";
import type { RecordingLogger } from "./recording-logger.ts";

export const DISCOVERY_KEY = "key-of-the-fleet";

export interface AgentApp {
  readonly url: string;
  readonly hub: Hub;
  readonly clock: FakeClock;
  readonly log: RecordingLogger;
  addNode(name?: string): Promise<IssuedNode>;
  post(path: string, body?: unknown, options?: HttpOptions): Promise<HttpReply>;
  /** Rejects with the HTTP status in the message when the upgrade is refused. */
  socket(path: string): Promise<AgentWire>;
}

/** The agent's end of a socket. */
export interface AgentWire {
  /** Text frames of the server so far. */
  readonly frames: readonly string[];
  /** Code and reason. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly socket: WebSocket;
  /** Resolves when the server has read it; not for sockets that it may close meanwhile. */
  send(message: unknown): Promise<void>;
  /** Without waiting. */
  throw(frame: string): void;
  /** Resolves when everything has come that the server has sent so far. */
  settle(): Promise<void>;
}

function wireOf(socket: WebSocket): AgentWire {
  const frames: string[] = [];
  socket.on("message", (data) => {
    frames.push(Buffer.isBuffer(data) ? data.toString("utf8") : "");
  });
  socket.on("error", () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString("utf8") });
    });
  });
  // Frames are read in order on both sides, so the answer to a ping comes last.
  const settle = (): Promise<void> =>
    new Promise((resolve) => {
      socket.once("pong", () => {
        resolve();
      });
      socket.ping();
    });
  return {
    frames,
    closed,
    socket,
    settle,
    throw: (frame) => {
      socket.send(frame);
    },
    send: async (message) => {
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
      await settle();
    },
  };
}

function openWire(url: string): Promise<AgentWire> {
  const socket = new WebSocket(url);
  const wire = wireOf(socket);
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(wire);
    });
    socket.once("unexpected-response", (_request, response) => {
      response.resume();
      reject(new Error(`Upgrade refused: ${response.statusCode}`));
      socket.terminate();
    });
    socket.once("error", reject);
  });
}

export interface AgentAppOptions {
  readonly discoveryKey?: string;
  readonly maxNodes?: number;
}

/** The agents' routes on a listening server, before a hub whose time stands still; nobody else gets in. */
export async function agentApp(options: AgentAppOptions = {}): Promise<AgentApp> {
  const { discoveryKey = DISCOVERY_KEY, maxNodes = 100 } = options;
  const { hub, clock } = await hubFixture({ maxNodes });
  const log = recordingLogger();
  const server = createHttpServer({ config: HTTP_CONFIG, log, clock });
  const auth = {
    hold: () => () => undefined,
    authenticate: () => {
      throw new ForbiddenError();
    },
    mustChangePassword: () => false,
  };
  await server.register(webSockets, { config: HTTP_CONFIG, auth, clock, log });
  await server.register(authGuard, { auth, config: HTTP_CONFIG });
  await server.register(komariAgentsApi, { hub, config: { hub: { discoveryKey } }, clock, log });
  await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    for (const socket of server.websocketServer.clients) socket.terminate();
    await server.close();
    await hub.close();
  });
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    hub,
    clock,
    log,
    addNode: (name = "node") => hub.registry.add({ notes: { name } }),
    post: (path, body, more = {}) =>
      httpCall(url, path, {
        method: "POST",
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...more,
        headers: { "Content-Type": "application/json", ...more.headers },
      }),
    socket: (path) => openWire(`ws://127.0.0.1:${port}${path}`),
  };
}

/** As a stock agent sends it; every figure differs from the others (Komari 1.5). */
export function wireReport(part: Readonly<Record<string, unknown>> = {}) {
  return {
    cpu: { usage: 12.5 },
    ram: { total: 1000, used: 400 },
    swap: { total: 200, used: 20 },
    load: { load1: 0.5, load5: 0.25, load15: 0.125 },
    disk: { total: 9000, used: 300 },
    network: { up: 60, down: 70, totalUp: 6000, totalDown: 7000 },
    connections: { tcp: 11, udp: 12 },
    uptime: 86_400,
    process: 13,
    message: "",
    ...part,
  };
}
