import { get } from "node:http";
import { createServer } from "node:net";
import type { Server } from "node:net";
import { describeError } from "../../core/errors.ts";
import { NodeGrpcChannel } from "../net/grpc/grpc-channel.ts";
import { GrpcStatusError } from "../net/grpc/port.ts";
import { RpcError } from "./port.ts";
import type { Loopback, RpcClient } from "./port.ts";

const HOST = "127.0.0.1";
const MAX_MESSAGE = 64 * 1024 * 1024;
const UNAVAILABLE = 14;

/** A program that is just starting is tried again soon; no proxy of the environment stands between. */
const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": MAX_MESSAGE,
  "grpc.max_send_message_length": MAX_MESSAGE,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
  "grpc.enable_http_proxy": 0,
  "grpc.service_config_disable_resolution": 1,
  // Two clients for one port are two connections: closing one does not concern the other.
  "grpc.use_local_subchannel_pool": 1,
};

async function dial(port: number): Promise<RpcClient> {
  const grpc = await import("@grpc/grpc-js");
  const credentials = grpc.credentials.createInsecure();
  const client = new grpc.Client(`${HOST}:${port}`, credentials, CHANNEL_OPTIONS);
  const channel = new NodeGrpcChannel(grpc, client);
  return {
    async call(path, request, timeoutMs) {
      try {
        return await channel.unary(path, request, { metadata: {}, timeoutMs });
      } catch (error) {
        if (!(error instanceof GrpcStatusError)) throw error;
        throw new RpcError(error.status, error.message, { cause: error });
      }
    },
    close: () => {
      channel.close();
    },
  };
}

function listenAnywhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => {
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

/** Holds all of them before any is let go, so that they differ. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map(portOf);
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => {
            resolve();
          });
        }),
    ),
  );
  return ports;
}

function fetchText(port: number, path: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      reject(new RpcError(UNAVAILABLE, reason));
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const request = get({ host: HOST, port, path, agent: false, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_MESSAGE) response.destroy(new Error("the answer is too long"));
      });
      response.on("error", (error) => {
        fail(describeError(error));
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(text);
        else fail(`status ${response.statusCode ?? 0}`);
      });
    });
    request.on("error", (error) => {
      fail(describeError(error));
    });
  });
}

/** The loopback of this machine. */
export function createNodeLoopback(): Loopback {
  return { freePorts, dial, fetchText };
}
