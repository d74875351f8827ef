import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";

/** How a server behaves; every detail is that of some real version (Komari 1.2-1.8, 10). */
export interface KomariServerOptions {
  readonly token: string;
  readonly autoDiscoveryKey?: string;
  /** Speaks version 2 as well. */
  readonly hasVersion2?: boolean;
  /** Unknown paths are answered with a page and 200, as front ends are served. */
  readonly servesPages?: boolean;
  /** Stock servers look for the token in the address only. */
  readonly takesHeader?: boolean;
  /** Something on the way answers requests for WebSockets with this status. */
  readonly socketStatus?: number;
  /** Keys that its table does not have. */
  readonly unknownKeys?: readonly string[];
}

/** Everything that was received, in order. */
export interface KomariTold {
  readonly registrations: readonly string[];
  readonly infos: readonly Readonly<Record<string, unknown>>[];
  /** Reports over sockets and by POST, parsed, with the way they came. */
  readonly reports: readonly { readonly way: string; readonly report: Record<string, unknown> }[];
  readonly pingResults: readonly Record<string, unknown>[];
  readonly taskResults: readonly Record<string, unknown>[];
  /** Text of everything that came over a terminal. */
  readonly terminal: string;
  readonly sockets: number;
  readonly acknowledged: readonly string[];
  readonly refusals: number;
}

export interface KomariStandIn {
  readonly url: string;
  readonly told: MutableStore<KomariTold>;
  /** Sends a frame over the newest report socket. */
  send(frame: unknown): void;
  /** Queues an event for nodes without a socket. */
  queue(event: unknown): void;
  /** Types into the newest terminal. */
  type(frame: string | Uint8Array): void;
  /** Ends all sockets: with a code, or by cutting the connection. */
  drop(code?: number): void;
  close(): Promise<void>;
}

type Tree = Record<string, unknown>;

const NOTHING: KomariTold = {
  registrations: [],
  infos: [],
  reports: [],
  pingResults: [],
  taskResults: [],
  terminal: "",
  sockets: 0,
  acknowledged: [],
  refusals: 0,
};

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      resolve(body);
    });
  });
}

class StandIn {
  readonly told = createStore(NOTHING);
  readonly #options: KomariServerOptions;
  readonly #sockets = new Set<WebSocket>();
  readonly #terminals = new Set<WebSocket>();
  #events: unknown[] = [];

  constructor(options: KomariServerOptions) {
    this.#options = options;
  }

  #note<K extends keyof KomariTold>(
    key: K,
    change: (before: KomariTold[K]) => KomariTold[K],
  ): void {
    this.told.set({ ...this.told.value, [key]: change(this.told.value[key]) });
  }

  isKnown(url: URL, request: IncomingMessage): boolean {
    const { token, takesHeader = false } = this.#options;
    if (url.searchParams.get("token") === token) return true;
    return takesHeader && request.headers.authorization === `Bearer ${token}`;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://server");
    const body = await readBody(request);
    const reply = (status: number, value: unknown): void => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    };
    if (url.pathname === "/base/api/clients/register") {
      this.#register(url, request, reply);
      return;
    }
    if (!this.isKnown(url, request)) {
      this.#note("refusals", (count) => count + 1);
      reply(401, { status: "error", message: "Unauthorized." });
      return;
    }
    const route = url.pathname.replace("/base/api/clients/", "");
    if (!this.#route(route, JSON.parse(body || "{}"), reply)) {
      if (this.#options.servesPages === true) response.end("<!doctype html><title>Komari</title>");
      else reply(404, { status: "error", message: "Not found" });
    }
  }

  #register(
    url: URL,
    request: IncomingMessage,
    reply: (status: number, value: unknown) => void,
  ): void {
    const { autoDiscoveryKey, token } = this.#options;
    if (request.headers.authorization !== `Bearer ${autoDiscoveryKey}`) {
      reply(403, { status: "error", message: "Invalid AutoDiscovery Key" });
      return;
    }
    this.#note("registrations", (names) => [...names, url.searchParams.get("name") ?? ""]);
    reply(200, { status: "success", message: "", data: { uuid: "node-uuid", token } });
  }

  #route(route: string, body: Tree, reply: (status: number, value: unknown) => void): boolean {
    const ok = { status: "success" };
    switch (route) {
      case "uploadBasicInfo": {
        const isRefused = (this.#options.unknownKeys ?? []).some((key) => key in body);
        if (!isRefused) this.#note("infos", (all) => [...all, body]);
        reply(isRefused ? 500 : 200, isRefused ? { status: "error", error: {} } : ok);
        return true;
      }
      case "report":
        this.#note("reports", (all) => [...all, { way: "post", report: body }]);
        reply(200, ok);
        return true;
      case "task/result":
        this.#note("taskResults", (all) => [...all, body]);
        reply(200, ok);
        return true;
      case "v2/rpc":
        if (this.#options.hasVersion2 !== true) return false;
        reply(200, { jsonrpc: "2.0", id: body["id"], result: this.#call(body, "post2") });
        return true;
      default:
        return false;
    }
  }

  #call({ method, params }: Tree, way: string): unknown {
    const given = (params ?? {}) as Tree;
    switch (method) {
      case "agent.basicInfo":
        this.#note("infos", (all) => [...all, given["info"] as Tree]);
        break;
      case "agent.report":
        this.#note("reports", (all) => [...all, { way, report: given["report"] as Tree }]);
        break;
      case "agent.pingResult":
        this.#note("pingResults", (all) => [...all, given]);
        break;
    }
    const acknowledged = (given["ack_event_ids"] ?? []) as string[];
    this.#note("acknowledged", (all) => [...new Set([...all, ...acknowledged])]);
    this.#events = this.#events.filter(
      (event) => !acknowledged.includes(String((event as Tree)["id"])),
    );
    return { status: "success", events: this.#events };
  }

  attach(socket: WebSocket, path: string): void {
    socket.on("error", () => undefined);
    if (path.includes("terminal")) {
      this.#terminals.add(socket);
      socket.on("message", (data: Buffer) => {
        this.#note("terminal", (text) => text + data.toString("utf8"));
      });
      return;
    }
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
    });
    this.#note("sockets", (count) => count + 1);
    socket.on("message", (data: Buffer) => {
      this.#receive(
        JSON.parse(data.toString("utf8")) as Tree,
        path.includes("v2") ? "socket2" : "socket",
      );
    });
  }

  #receive(message: Tree, way: string): void {
    if (way === "socket2") this.#call(message, way);
    else if (message["type"] === "ping_result")
      this.#note("pingResults", (all) => [...all, message]);
    else this.#note("reports", (all) => [...all, { way, report: message }]);
  }

  send(frame: unknown): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(frame));
  }

  queue(event: unknown): void {
    this.#events.push(event);
  }

  type(frame: string | Uint8Array): void {
    for (const socket of this.#terminals) socket.send(frame);
  }

  drop(code?: number): void {
    for (const socket of this.#sockets) {
      if (code === undefined) socket.terminate();
      else socket.close(code, "bye");
    }
  }
}

/** A Komari server of the wanted kind below `/base` on loopback. */
export async function startKomariServer(
  options: KomariServerOptions,
  port = 0,
): Promise<KomariStandIn> {
  const standIn = new StandIn(options);
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => void standIn.answer(request, response));
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "/", "http://server");
    const isThere =
      url.pathname === "/base/api/clients/report" ||
      url.pathname === "/base/api/clients/terminal" ||
      (url.pathname === "/base/api/clients/v2/rpc" && options.hasVersion2 === true);
    const missing = options.servesPages === true ? 200 : 404;
    const allowed = standIn.isKnown(url, request) ? (isThere ? 101 : missing) : 401;
    const status = options.socketStatus ?? allowed;
    if (status !== 101) {
      socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      standIn.attach(opened, url.pathname);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${chosen}/base`,
    told: standIn.told,
    send: (frame) => {
      standIn.send(frame);
    },
    queue: (event) => {
      standIn.queue(event);
    },
    type: (frame) => {
      standIn.type(frame);
    },
    drop: (code) => {
      standIn.drop(code);
    },
    close: () =>
      new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
