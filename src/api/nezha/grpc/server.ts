/** The listener of Nezha agents: service `proto.NezhaService` of every generation (Nezha facts 1). */
import type { Socket } from "node:net";
import type * as Grpc from "@grpc/grpc-js";
import type { Store } from "../../../core/store.ts";
import type { Crowds } from "../../../http/crowds.ts";
import { addressOfPeer, followConnections } from "../../../http/grpc-connections.ts";
import type { TlsMaterial } from "../../../http/node-server.ts";
import type { TrustedProxies } from "../../../http/trusted-proxies.ts";
import type { AgentGate, Caller } from "./gate.ts";
import { AGENT_METHODS } from "./methods.ts";
import type { AgentMethod, MethodContext } from "./methods.ts";
import type { Peers } from "./peers.ts";
import { Strangers } from "./strangers.ts";
import { failStream } from "./stream.ts";
import type { AgentStream } from "./stream.ts";

export interface AgentServerOptions {
  readonly gate: AgentGate;
  readonly context: MethodContext;
  readonly proxies: TrustedProxies;
  readonly crowds: Crowds;
  /** Told of every connection. */
  readonly peers: Peers;
  /** Undefined: without encryption. */
  readonly tls: Store<TlsMaterial> | undefined;
  readonly maxConnections: number;
}

export interface AgentServer {
  /** Rejects with the error of the operating system. */
  listen(host: string, port: number): Promise<number>;
  /** Cuts every connection. */
  close(): void;
}

/** As stock dashboards: results of commands may be long. */
const MAX_MESSAGE = 4 * 1024 * 1024;

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** Who calls is decided before the method sees anything. */
function guarded(method: AgentMethod, options: AgentServerOptions, strangers: Strangers) {
  const { gate, context, proxies, crowds } = options;
  const serve = (stream: AgentStream, caller: Caller): void => {
    try {
      const peer = stream.getPeer();
      strangers.admit(peer);
      crowds.release(peer);
      if (!stream.destroyed) method.serve(stream, caller, context);
    } catch (error) {
      failStream(stream, error);
    }
  };
  return (stream: AgentStream): void => {
    const metadata = (name: string): string | undefined => {
      const value = stream.metadata.get(name)[0];
      return typeof value === "string" ? value : undefined;
    };
    const fail = (error: unknown): void => {
      failStream(stream, error);
    };
    try {
      // The second name is the one that Nezha's documents use.
      const forwarded = metadata("x-forwarded-for") ?? metadata("nz-realip");
      const address = proxies.clientOf(addressOfPeer(stream.getPeer()), forwarded);
      const found = gate.identify({ metadata, address });
      if (!(found instanceof Promise)) serve(stream, found);
      else {
        found.then((caller) => {
          serve(stream, caller);
        }, fail);
      }
    } catch (error) {
      fail(error);
    }
  };
}

function addService(server: Grpc.Server, options: AgentServerOptions, strangers: Strangers): void {
  const definitions: Record<string, Grpc.MethodDefinition<Buffer, Buffer>> = {};
  const handlers: Grpc.UntypedServiceImplementation = {};
  for (const method of AGENT_METHODS) {
    definitions[method.path] = {
      path: method.path,
      requestStream: true,
      responseStream: true,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    };
    handlers[method.path] = guarded(method, options, strangers);
  }
  server.addService(definitions, handlers);
}

/** Builds the server, with the library loaded here; nothing listens yet. */
export async function createAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const grpc = await import("@grpc/grpc-js");
  const { tls, maxConnections, crowds, peers } = options;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.max_concurrent_streams": 64,
    // An agent that vanished without a goodbye is noticed; one that says nothing at all is sent away.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.max_connection_idle_ms": 120_000,
    "grpc.enable_channelz": 0,
  });
  const { clock, hub } = options.context;
  const strangers = new Strangers(clock, () => hub.registry.nodes.length);
  addService(server, options, strangers);
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(
          null,
          [{ private_key: Buffer.from(tls.value.key), cert_chain: Buffer.from(tls.value.cert) }],
          false,
        );
  let cutConnections = (): void => undefined;
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const name = host.includes(":") ? `[${host}]` : host;
        server.bindAsync(`${name}:${port}`, credentials, (error, bound) => {
          if (error === null) {
            const onConnection = (socket: Socket): void => {
              if (crowds.admit(socket)) strangers.add(socket);
            };
            const onSession = peers.add.bind(peers);
            const on = { tls, onConnection, onSession };
            cutConnections = followConnections(server, { maxConnections, ...on });
            resolve(bound);
          } else reject(error);
        });
      }),
    close: () => {
      strangers.close();
      server.forceShutdown();
      cutConnections();
    },
  };
}
