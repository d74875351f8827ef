import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNodeLoopback } from "../../../src/platform/loopback/node-loopback.ts";
import { RpcError } from "../../../src/platform/loopback/port.ts";

const loopback = createNodeLoopback();
const PATH = "/test.Service/Call";
const asIs = (bytes: Buffer): Buffer => bytes;

async function serve(port: number, handler: grpc.handleUnaryCall<Buffer, Buffer>) {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const definition = {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
  server.addService({ Call: definition }, { Call: handler });
  await new Promise((resolve) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), resolve);
  });
  onTestFinished(() => {
    server.forceShutdown();
  });
  return server;
}

async function setUp() {
  const [port = 0] = await loopback.freePorts(1);
  const client = await loopback.dial(port);
  onTestFinished(() => {
    client.close();
  });
  return { port, call: (bytes: Uint8Array) => client.call(PATH, bytes, 15_000) };
}

describe("dial", () => {
  it("carries bytes there and back, also many", async () => {
    const { port, call } = await setUp();
    await serve(port, ({ request }, callback) => {
      callback(null, Buffer.from(request).reverse());
    });
    expect(await call(Uint8Array.of(1, 2, 3))).toEqual(Buffer.from([3, 2, 1]));
    const large = new Uint8Array(6 * 1024 * 1024).fill(7);
    expect(await call(large)).toHaveLength(large.length);
  });

  it("passes on status and text of a refusal", async () => {
    const { port, call } = await setUp();
    await serve(port, (_call, callback) => {
      callback(Object.assign(new Error("x"), { code: 5, details: "User x not found." }));
    });
    const refusal = call(new Uint8Array(0));
    await expect(refusal).rejects.toThrow(RpcError);
    await expect(refusal).rejects.toMatchObject({ status: 5, message: "User x not found." });
  });

  it("fails while nobody listens and works as soon as somebody does", async () => {
    const { port, call } = await setUp();
    await expect(call(new Uint8Array(0))).rejects.toMatchObject({ status: 14 });
    await serve(port, (_call, callback) => {
      callback(null, Buffer.from("here"));
    });
    const retry = async (): Promise<Uint8Array> => call(new Uint8Array(0)).catch(retry);
    expect(await retry()).toEqual(Buffer.from("here"));
  });

  it("gives up after the time that it is given", async () => {
    const { port } = await setUp();
    await serve(port, () => undefined);
    const client = await loopback.dial(port);
    await expect(client.call(PATH, new Uint8Array(0), 50)).rejects.toMatchObject({ status: 4 });
    client.close();
  });
});

describe("freePorts", () => {
  it("gives different ports that can be listened on", async () => {
    const ports = await loopback.freePorts(5);
    expect(new Set(ports).size).toBe(5);
    const server = createServer();
    server.listen(ports[0], "127.0.0.1");
    await once(server, "listening");
    server.close();
  });
});

describe("fetchText", () => {
  async function web(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  it("reads a page", async () => {
    const port = await web((request, response) => {
      response.end(`page ${request.url}`);
    });
    expect(await loopback.fetchText(port, "/debug/vars", 15_000)).toBe("page /debug/vars");
  });

  it("refuses other answers, silence and nobody", async () => {
    const missing = await web((_request, response) => {
      response.writeHead(404).end();
    });
    await expect(loopback.fetchText(missing, "/", 15_000)).rejects.toThrow("status 404");
    const silent = await web(() => undefined);
    await expect(loopback.fetchText(silent, "/", 50)).rejects.toThrow(RpcError);
    const [nobody = 0] = await loopback.freePorts(1);
    await expect(loopback.fetchText(nobody, "/", 15_000)).rejects.toMatchObject({ status: 14 });
  });
});
