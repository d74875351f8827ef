import { createServer as createTcpServer, connect } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { createSelfSigned } from "../../../../src/http/self-signed.ts";
import { createGrpcDialer } from "../../../../src/platform/net/grpc/grpc-dialer.ts";
import type {
  GrpcChannel,
  GrpcStream,
  GrpcTarget,
} from "../../../../src/platform/net/grpc/port.ts";
import { Refusal, startGrpcServer } from "../../../support/grpc-server.ts";
import type { GrpcHandler, GrpcServerOptions } from "../../../support/grpc-server.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const METADATA = { "client-secret": "s" };
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const NEVER = new AbortController().signal;

const HANDLERS: ReadonlyMap<string, GrpcHandler> = new Map<string, GrpcHandler>([
  ["/t/Echo", { kind: "unary", handle: (message) => message }],
  [
    "/t/Who",
    {
      kind: "unary",
      handle: (_message, metadata) => Buffer.from(metadata.get("client-secret").join(",")),
    },
  ],
  [
    "/t/Refuse",
    {
      kind: "unary",
      handle: () => {
        throw new Refusal(status.UNAUTHENTICATED, "x".repeat(5000));
      },
    },
  ],
  ["/t/Silent", { kind: "unary", handle: () => new Promise<Uint8Array>(() => undefined) }],
  [
    "/t/Mirror",
    {
      kind: "stream",
      handle(stream) {
        stream.on("data", (message: Uint8Array) => {
          stream.write(message);
        });
        stream.on("end", () => {
          stream.end();
        });
      },
    },
  ],
  [
    "/t/Fail",
    {
      kind: "stream",
      handle(stream) {
        stream.on("data", () => {
          stream.emit("error", new Refusal(status.UNKNOWN, "superseded"));
        });
      },
    },
  ],
]);

async function serve(options: Partial<GrpcServerOptions> = {}): Promise<number> {
  const server = await startGrpcServer({ handlers: HANDLERS, ...options });
  closers.push(() => {
    server.close();
  });
  return server.port;
}

async function dial(
  target: Partial<GrpcTarget> & { readonly port: number },
  roots?: () => Promise<Buffer | undefined>,
): Promise<GrpcChannel> {
  const channel = await createGrpcDialer(roots).dial(
    { host: "127.0.0.1", tls: "off", ...target },
    { timeoutMs: 15_000, signal: NEVER },
  );
  closers.push(() => {
    channel.close();
  });
  return channel;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const endOf = (stream: GrpcStream): Promise<unknown> =>
  new Promise((resolve) => {
    stream.onClose(resolve);
  });

const call = (channel: GrpcChannel, path: string, timeoutMs = 15_000): Promise<Uint8Array> =>
  channel.unary(path, bytes(1, 2), { metadata: METADATA, timeoutMs });

describe("gRPC channel", () => {
  it("calls with bytes and metadata and returns bytes", async () => {
    const channel = await dial({ port: await serve() });
    expect([...(await call(channel, "/t/Echo"))]).toEqual([1, 2]);
    expect(Buffer.from(await call(channel, "/t/Who")).toString()).toBe("s");
  });

  it("tells status and a shortened message of a refusal", async () => {
    const channel = await dial({ port: await serve() });
    await expect(call(channel, "/t/Refuse")).rejects.toMatchObject({
      code: "GRPC_STATUS",
      kind: "unauthenticated",
      status: 16,
      message: "x".repeat(300),
    });
  });

  it("tells a call that the server does not have", async () => {
    const channel = await dial({ port: await serve() });
    await expect(call(channel, "/t/Missing")).rejects.toMatchObject({
      kind: "unsupported",
      status: 12,
    });
  });

  it("gives up a call that is not answered", async () => {
    const channel = await dial({ port: await serve() });
    await expect(call(channel, "/t/Silent", 50)).rejects.toMatchObject({ kind: "timeout" });
  });

  it("keeps the order of a stream and tells its end", async () => {
    const channel = await dial({ port: await serve() });
    const stream = channel.stream("/t/Mirror", METADATA);
    const received: number[] = [];
    stream.onMessage((message) => {
      received.push(message[0] ?? -1);
    });
    const closed = endOf(stream);
    await Promise.all([1, 2, 3].map((value) => stream.send(bytes(value))));
    stream.end();
    expect(await closed).toBeUndefined();
    expect(received).toEqual([1, 2, 3]);
    await expect(stream.send(bytes(4))).rejects.toMatchObject({ code: "GRPC_STATUS" });
  });

  it("tells why the server ended a stream, also to who asks later", async () => {
    const channel = await dial({ port: await serve() });
    const stream = channel.stream("/t/Fail", METADATA);
    const closed = endOf(stream);
    await stream.send(bytes(1));
    expect(await closed).toMatchObject({ status: 2, message: "superseded" });
    let late: unknown;
    stream.onClose((error) => {
      late = error;
    });
    expect(late).toMatchObject({ status: 2 });
  });

  it("ends every call when it is closed", async () => {
    const channel = await dial({ port: await serve() });
    const pending = call(channel, "/t/Silent");
    const stream = channel.stream("/t/Mirror", METADATA);
    const closed = endOf(stream);
    channel.close();
    channel.close();
    await expect(pending).rejects.toMatchObject({ kind: "cancelled" });
    expect(await closed).toMatchObject({ kind: "cancelled" });
    await expect(call(channel, "/t/Echo")).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("ends its streams when the server goes away", async () => {
    const server = await startGrpcServer({ handlers: HANDLERS });
    const channel = await dial({ port: server.port });
    const stream = channel.stream("/t/Mirror", METADATA);
    const closed = endOf(stream);
    await stream.send(bytes(1));
    server.close();
    expect(await closed).toMatchObject({ code: "GRPC_STATUS" });
  });

  it("notices with keepalive that the line is dead", async () => {
    const target = await serve();
    const sockets: Socket[] = [];
    const relay = createTcpServer((inbound) => {
      const outbound = connect(target, "127.0.0.1");
      sockets.push(inbound, outbound);
      for (const socket of [inbound, outbound]) socket.on("error", () => undefined);
      inbound.pipe(outbound).pipe(inbound);
    });
    const channel = await dial({
      port: await listen(relay),
      keepaliveMs: 60,
      keepaliveTimeoutMs: 60,
    });
    const stream = channel.stream("/t/Mirror", METADATA);
    const closed = endOf(stream);
    // Nor would another connection get through.
    relay.close();
    for (const socket of sockets) socket.unpipe();
    expect(await closed).toMatchObject({ kind: "unavailable" });
    for (const socket of sockets) socket.destroy();
  });
});

describe("dialing gRPC", () => {
  it("says that nothing listens", async () => {
    const server = createTcpServer();
    const port = await listen(server);
    server.close();
    await expect(dial({ port })).rejects.toMatchObject({
      code: "NETWORK",
      message: `127.0.0.1:${port} refuses the connection`,
    });
  });

  it("says that the other side speaks something else", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const port = await listen(server);
    await expect(dial({ port })).rejects.toMatchObject({
      message: `127.0.0.1:${port} does not speak gRPC in clear text: should 'tls' be on?`,
    });
  });

  it("gives up on a server that stays silent", async () => {
    const port = await listen(createTcpServer(() => undefined));
    await expect(
      createGrpcDialer().dial(
        { host: "127.0.0.1", port, tls: "off" },
        { timeoutMs: 50, signal: NEVER },
      ),
    ).rejects.toMatchObject({
      message: `127.0.0.1:${port} accepts connections but does not answer`,
    });
  });

  it("stops when aborted", async () => {
    const port = await listen(createTcpServer(() => undefined));
    const controller = new AbortController();
    const dialing = createGrpcDialer().dial(
      { host: "127.0.0.1", port, tls: "off" },
      { timeoutMs: 5000, signal: controller.signal },
    );
    controller.abort();
    await expect(dialing).rejects.toMatchObject({ kind: "cancelled" });
  });
});

describe("dialing gRPC over TLS", () => {
  const names = {
    hostName: "localhost",
    addresses: ["127.0.0.1"],
    notBefore: Date.now() - 60_000,
    notAfter: Date.now() + 3_600_000,
  };

  it("accepts a certificate that the authorities vouch for", async () => {
    const tls = await createSelfSigned(names);
    const port = await serve({ tls });
    const channel = await dial({ port, tls: "verified" }, () =>
      Promise.resolve(Buffer.from(tls.cert)),
    );
    expect([...(await call(channel, "/t/Echo"))]).toEqual([1, 2]);
  });

  it("refuses a certificate that nobody vouches for, and says so", async () => {
    const port = await serve({ tls: await createSelfSigned(names) });
    await expect(dial({ port, tls: "verified" })).rejects.toMatchObject({
      code: "CERTIFICATE",
      message: `The certificate of 127.0.0.1:${port} is self-signed`,
    });
  });

  it("accepts any certificate when told to", async () => {
    const port = await serve({ tls: await createSelfSigned(names) });
    const channel = await dial({ port, tls: "unverified" });
    expect([...(await call(channel, "/t/Echo"))]).toEqual([1, 2]);
  });

  it("says that the other side does not speak TLS", async () => {
    const port = await listen(
      createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      }),
    );
    await expect(dial({ port, tls: "verified" })).rejects.toMatchObject({
      message: `127.0.0.1:${port} does not speak TLS: should 'tls' be off?`,
    });
  });

  it("says that the other side has no HTTP/2", async () => {
    const { key, cert } = await createSelfSigned(names);
    const server = createTlsServer({ key, cert, ALPNProtocols: ["http/1.1"] }, (socket) => {
      socket.on("error", () => undefined);
    });
    server.on("tlsClientError", () => undefined);
    const port = await listen(server);
    await expect(dial({ port, tls: "unverified" })).rejects.toMatchObject({
      message: `127.0.0.1:${port} speaks TLS but not HTTP/2, which gRPC needs`,
    });
  });
});
