import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { Hub } from "../../src/hub/hub.ts";
import type { AgentSession } from "../../src/hub/ingest.ts";
import type { NodeRecord } from "../../src/hub/registry.ts";
import type { NodeNotes } from "../../src/hub/registry.ts";
import type { HubRole } from "../../src/roles/hub.ts";
import type { Role } from "../../src/roles/role.ts";
import { createTestApp, OWNER_HEADERS } from "./create-test-app.ts";
import type { TestApp, TestAppOptions } from "./create-test-app.ts";
import { fakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { HUB_START, recordingLink } from "./hub-fixture.ts";
import type { RecordingLink } from "./hub-fixture.ts";
import type { HttpReply } from "./http-request.ts";

/** A socket whose frames are JSON, in the order in which they came. */
export interface JsonSocket {
  readonly socket: WebSocket;
  /** The next frame that nobody has taken. Rejects when the socket closes before. */
  next<T>(): Promise<T>;
  /** Frames that nobody has taken. */
  readonly waiting: number;
  /** Code and reason. */
  readonly closed: Promise<readonly [number, string]>;
}

export interface FleetApp {
  readonly test: TestApp;
  readonly hub: Hub;
  readonly clock: FakeClock;
  addNode(notes?: Partial<NodeNotes>): Promise<NodeRecord>;
  connect(node: NodeRecord, link?: RecordingLink): AgentSession;
  /** A request with the owner's credentials, or others. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<HttpReply>;
  /** The body of a successful GET. */
  get<T>(path: string, headers?: Readonly<Record<string, string>>): Promise<T>;
  socket(path: string, headers?: Readonly<Record<string, string>>): Promise<JsonSocket>;
}

const PREFIX = "/native/fleet";

/** Of somebody who has not signed in. */
export const GUEST: Readonly<Record<string, string>> = {};

function isHubRole(role: Role): role is HubRole {
  return role.name === "hub";
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString("utf8");
}

function jsonSocket(socket: WebSocket): JsonSocket {
  const frames: string[] = [];
  const takers: { take: (text: string) => void; fail: (error: Error) => void }[] = [];
  socket.on("message", (data: RawData) => {
    const text = textOf(data);
    const taker = takers.shift();
    if (taker === undefined) frames.push(text);
    else taker.take(text);
  });
  const closed = new Promise<readonly [number, string]>((resolve) => {
    socket.once("close", (code, reason) => {
      for (const { fail } of takers) fail(new Error(`closed with ${code}`));
      resolve([code, reason.toString("utf8")]);
    });
  });
  return {
    socket,
    closed,
    get waiting() {
      return frames.length;
    },
    async next<T>() {
      const text =
        frames.shift() ??
        (await new Promise<string>((resolve, reject) => {
          takers.push({ take: resolve, fail: reject });
        }));
      const frame: T = JSON.parse(text);
      return frame;
    },
  };
}

function openSocket(url: string, headers: Readonly<Record<string, string>>): Promise<JsonSocket> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
  // What comes with the handshake must not be missed.
  const json = jsonSocket(socket);
  onTestFinished(() => {
    socket.terminate();
  });
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      resolve(json);
    });
    socket.once("unexpected-response", (_request, { statusCode }) => {
      reject(new Error(`refused: ${statusCode}`));
      socket.terminate();
    });
    socket.once("error", reject);
  });
}

/** The hub with its own API, on a clock that moves when told to. */
export async function fleetApp(options: TestAppOptions = {}): Promise<FleetApp> {
  const clock = fakeClock(HUB_START);
  const { config = {}, ...rest } = options;
  const test = await createTestApp({ clock, ...rest, config: { roles: ["hub"], ...config } });
  const role = test.app.roles.find(isHubRole);
  if (role === undefined) throw new Error("The app has no hub");
  const { hub } = role;
  const call: FleetApp["call"] = (method, path, body, headers = OWNER_HEADERS) =>
    test.call(method, `${PREFIX}${path}`, {
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    test,
    hub,
    clock,
    call,
    addNode: async (notes = {}) => (await hub.registry.add({ notes })).node,
    connect(node, link = recordingLink()) {
      const identity = { node: node.id, dialect: "test", remoteAddress: "192.0.2.1" };
      return hub.ingest.attach(identity, link);
    },
    async get<T>(path: string, headers?: Readonly<Record<string, string>>) {
      const { status, body } = await call("GET", path, undefined, headers);
      if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`);
      const answer: T = JSON.parse(body);
      return answer;
    },
    socket: (path, headers = OWNER_HEADERS) => openSocket(`${test.url}${PREFIX}${path}`, headers),
  };
}
