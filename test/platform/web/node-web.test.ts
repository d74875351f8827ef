import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { systemClock } from "../../../src/core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../../src/core/errors.ts";
import { createSelfSigned } from "../../../src/http/self-signed.ts";
import { createWebClient } from "../../../src/platform/web/node-web.ts";
import {
  CertificateError,
  NetworkError,
  SocketRefusedError,
} from "../../../src/platform/web/port.ts";
import type { WebRequest } from "../../../src/platform/web/port.ts";

const servers: Server[] = [];
const connections = new Set<Socket>();
afterEach(async () => {
  for (const connection of connections) connection.destroy();
  for (const server of servers.splice(0)) {
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listening(createServer(listener));

async function serveTls(): Promise<number> {
  const now = Date.now();
  const { cert, key } = await createSelfSigned({
    hostName: "localhost",
    addresses: [],
    notBefore: now - 1000,
    notAfter: now + 60_000,
  });
  return listening(
    createTlsServer({ cert, key }, (_request, response) => {
      response.end("hello");
    }),
  );
}

const web = createWebClient(systemClock);

function request(port: number, part: Partial<WebRequest> = {}) {
  return web.request({
    method: "GET",
    url: `http://127.0.0.1:${port}/path`,
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    ...part,
  });
}

function socketTo(port: number, part: { url?: string; timeoutMs?: number } = {}) {
  return web.openSocket({
    url: `ws://127.0.0.1:${port}/socket`,
    timeoutMs: 15_000,
    signal: new AbortController().signal,
    ...part,
  });
}

describe("request", () => {
  it("sends body and headers, and no origin", async () => {
    const port = await serve((incoming, response) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      incoming.on("end", () => {
        const { authorization, origin } = incoming.headers;
        response.end(JSON.stringify({ method: incoming.method, authorization, origin, body }));
      });
    });
    const { status, body } = await request(port, {
      method: "POST",
      headers: { Authorization: "Bearer x" },
      body: "päckchen",
    });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      method: "POST",
      authorization: "Bearer x",
      body: "päckchen",
    });
  });

  it("takes every status as an answer and follows no redirect", async () => {
    const port = await serve((_incoming, response) => {
      response.writeHead(302, { Location: "http://192.0.2.1/" }).end();
    });
    expect(await request(port)).toMatchObject({
      status: 302,
      headers: { location: "http://192.0.2.1/" },
    });
  });

  it("stops reading an endless body", async () => {
    const port = await serve((_incoming, response) => {
      const flood = setInterval(() => {
        response.write("x".repeat(10_000));
      }, 1);
      response.on("close", () => {
        clearInterval(flood);
      });
    });
    const { body } = await request(port, { maxBodyBytes: 25_000 });
    expect(body).toHaveLength(25_000);
  });

  it("gives up on a server that is silent, and when it is told to", async () => {
    const port = await serve(() => undefined);
    await expect(request(port, { timeoutMs: 30 })).rejects.toThrow(ReplyTimeoutError);
    const stopping = new AbortController();
    const running = request(port, { signal: stopping.signal });
    stopping.abort();
    await expect(running).rejects.toThrow(CancelledError);
  });

  it("says in words what is wrong with a connection", async () => {
    const port = await serve(() => undefined);
    const [server] = servers.splice(0);
    await new Promise((resolve) => {
      server?.close(resolve);
    });
    await expect(request(port)).rejects.toThrow(
      new NetworkError(`127.0.0.1:${port} refuses the connection`),
    );
    const url = "http://name.invalid/";
    await expect(request(port, { url })).rejects.toThrow(/^name\.invalid is not known/);
  });

  it("does not take an answer that broke off for a whole one", async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
      }),
    );
    await expect(request(port)).rejects.toThrow(NetworkError);
  });

  it("explains a server that speaks something else", async () => {
    const port = await listening(
      createTcpServer((socket) => {
        socket.end("SSH-2.0-OpenSSH\r\n");
      }),
    );
    await expect(request(port)).rejects.toThrow(/does not speak HTTP here$/);
    const plain = await serve((_incoming, response) => {
      response.end();
    });
    const url = `https://127.0.0.1:${plain}/`;
    await expect(request(plain, { url })).rejects.toThrow(/does not speak TLS here/);
  });

  it("refuses a certificate that nobody vouches for, unless that is wanted", async () => {
    const port = await serveTls();
    const url = `https://localhost:${port}/`;
    const refused = request(port, { url });
    await expect(refused).rejects.toThrow(CertificateError);
    await expect(refused).rejects.toThrow(`The certificate of localhost:${port} is self-signed`);
    expect(await request(port, { url, verifyTls: false })).toMatchObject({ body: "hello" });
  });
});

describe("WebSocket", () => {
  async function serveSockets() {
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer();
    server.on("upgrade", (incoming, socket, head) => {
      sockets.handleUpgrade(incoming, socket, head, (opened) => {
        sockets.emit("connection", opened, incoming);
      });
    });
    return { sockets, port: await listening(server) };
  }

  it("loses no message that comes with the handshake", async () => {
    const { sockets, port } = await serveSockets();
    sockets.on("connection", (peer) => {
      peer.send("first");
      peer.send(Buffer.from([1, 2]));
    });
    const socket = await socketTo(port);
    const got: (string | Uint8Array)[] = [];
    await new Promise<void>((resolve) => {
      setImmediate(() => {
        socket.onMessage((message) => {
          got.push(message);
          if (got.length === 2) resolve();
        });
      });
    });
    expect(got[0]).toBe("first");
    expect(got[1]).toEqual(Buffer.from([1, 2]));
    socket.close();
  });

  it("tells the end once, to late listeners too, and sends nothing after it", async () => {
    const { sockets, port } = await serveSockets();
    sockets.on("connection", (peer) => {
      peer.close(4001, "go away");
    });
    const socket = await socketTo(port);
    socket.onMessage(() => undefined);
    const reason = await new Promise<string>((resolve) => {
      socket.onClose(resolve);
    });
    expect(reason).toBe("the server closed the connection: go away (4001)");
    const late: string[] = [];
    socket.onClose((text) => {
      late.push(text);
    });
    expect(late).toEqual([reason]);
    expect(socket.send("x")).toBe(false);
  });

  it("hears the answer to a ping", async () => {
    const { port } = await serveSockets();
    const socket = await socketTo(port);
    socket.onMessage(() => undefined);
    const heard = new Promise<string>((resolve) => {
      socket.onPong(() => {
        resolve("pong");
      });
    });
    socket.ping();
    expect(await heard).toBe("pong");
    socket.close();
  });

  it("gives status and reason of a server that refuses", async () => {
    const port = await serve((_incoming, response) => {
      response.writeHead(401).end('{"error":"token is required"}');
    });
    const refused: unknown = await socketTo(port).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SocketRefusedError);
    expect(refused).toMatchObject({ status: 401, body: '{"error":"token is required"}' });
  });

  it("gives up on a server that never answers", async () => {
    const port = await listening(createTcpServer(() => undefined));
    await expect(socketTo(port, { timeoutMs: 30 })).rejects.toThrow(ReplyTimeoutError);
  });

  it("says what is wrong with the certificate", async () => {
    const port = await serveTls();
    await expect(socketTo(port, { url: `wss://localhost:${port}/` })).rejects.toThrow(
      CertificateError,
    );
  });
});
