/** The node's gRPC side: service `service.NodeService` (PasarGuard node 1.4 and 2.3). */
import type * as Grpc from "@grpc/grpc-js";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import { addressOfPeer, followConnections } from "../../http/grpc-connections.ts";
import type { TlsMaterial } from "../../http/node-server.ts";
import { ChunkSet } from "../../protocol/pasarguard/chunks.ts";
import { Log, User, UsersChunk } from "../../protocol/pasarguard/messages.ts";
import type { Proxy } from "../../proxy/proxy.ts";
import { MAX_MESSAGE } from "./body.ts";
import { UNARY_CALLS } from "./calls.ts";
import type { UnaryCall } from "./calls.ts";
import { forEachMessage } from "./grpc-stream.ts";
import type { KeyCheck } from "./key-check.ts";
import { regraded, UNEXPECTED, wireErrorOf } from "./wire-error.ts";
import type { WireError } from "./wire-error.ts";

export interface GrpcOptions {
  readonly proxy: Proxy;
  readonly keys: KeyCheck;
  readonly tls: Store<TlsMaterial>;
  readonly log: Logger;
}

export interface GrpcServer {
  /** Rejects with the error of the operating system. */
  listen(host: string, port: number): Promise<number>;
  close(): void;
}

type AnyCall = Pick<Grpc.ServerUnaryCall<Buffer, Buffer>, "metadata" | "getPeer">;
type UnaryHandler = Grpc.handleUnaryCall<Buffer, Buffer>;
type UploadHandler = Grpc.handleClientStreamingCall<Buffer, Buffer>;
type Upload = Parameters<UploadHandler>[0];
type Callback = Parameters<UnaryHandler>[1];

const SERVICE = "/service.NodeService/";
const INTERNAL = 13;
const EMPTY = Buffer.alloc(0);
const asIs = (bytes: Buffer): Buffer => bytes;

function textOf(value: Grpc.MetadataValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A stream may be left with an error of its own making; everything else is an `AppError` or unexpected. */
class CallFailure extends Error {
  readonly wire: WireError;
  constructor(wire: WireError, cause: unknown) {
    super(wire.text, { cause });
    this.wire = wire;
  }
}

class NodeService {
  readonly #options: GrpcOptions;

  constructor(options: GrpcOptions) {
    this.#options = options;
  }

  unary(call: UnaryCall): UnaryHandler {
    return (request, callback) => {
      const gone = new AbortController();
      request.on("cancelled", () => {
        gone.abort();
      });
      void this.#reply(callback, async () => {
        this.#admit(request, call.needsCore);
        const { proxy } = this.#options;
        const answer = await call.run(request.request, { proxy, signal: gone.signal });
        if (request.cancelled) answer.takeBack?.();
        return Buffer.from(answer.bytes);
      });
    };
  }

  readonly getLogs: Grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
    const gone = new AbortController();
    call.on("cancelled", () => {
      gone.abort();
    });
    void this.#sendLog(call, gone.signal);
  };

  /** Each user takes effect at once: old clients keep such a call open for hours. */
  readonly syncUser: UploadHandler = (call, callback) => {
    void this.#reply(callback, async () => {
      this.#admit(call, true);
      const { proxy } = this.#options;
      await forEachMessage(call, async (bytes) => {
        const user = User.decode(bytes);
        try {
          await proxy.syncUser(user);
        } catch (error) {
          if (user.email === "") throw error;
          throw new CallFailure(regraded(error, INTERNAL, "failed to update user"), error);
        }
        proxy.noteSuccess();
        return true;
      });
      return EMPTY;
    });
  };

  readonly syncUsersChunked: UploadHandler = (call, callback) => {
    void this.#reply(callback, async () => {
      this.#admit(call, true);
      const users = await this.#collect(call);
      try {
        await this.#options.proxy.mergeUsers(users);
      } catch (error) {
        throw new CallFailure(regraded(error, INTERNAL, "failed to update users"), error);
      }
      return EMPTY;
    });
  };

  async #collect(call: Upload): Promise<readonly User[]> {
    const chunks = new ChunkSet();
    await forEachMessage(call, (bytes) => {
      chunks.add(UsersChunk.decode(bytes));
      return Promise.resolve(!chunks.isComplete);
    });
    return chunks.users();
  }

  async #sendLog(
    call: Grpc.ServerWritableStream<Buffer, Buffer>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      this.#admit(call, true);
      for await (const batch of this.#options.proxy.log.read(signal)) {
        let isFull = false;
        for (const detail of batch) isFull = !call.write(Buffer.from(Log.encode({ detail })));
        if (isFull) {
          await new Promise<void>((resolve) => {
            call.once("drain", resolve);
            signal.addEventListener(
              "abort",
              () => {
                resolve();
              },
              { once: true },
            );
          });
        }
      }
      if (signal.aborted) return;
      this.#options.proxy.noteSuccess();
      call.end();
    } catch (error) {
      const { grpcStatus, text } = this.#wire(error);
      call.emit("error", { code: grpcStatus, details: text });
    }
  }

  async #reply(callback: Callback, run: () => Promise<Buffer>): Promise<void> {
    try {
      const bytes = await run();
      this.#options.proxy.noteSuccess();
      callback(null, bytes);
    } catch (error) {
      const { grpcStatus, text } = this.#wire(error);
      callback(Object.assign(new Error(text), { code: grpcStatus, details: text }));
    }
  }

  #wire(error: unknown): WireError {
    if (error instanceof CallFailure) return error.wire;
    const wire = wireErrorOf(error);
    if (wire !== undefined) return wire;
    this.#options.log.error({ err: error }, "Call of the panel failed unexpectedly");
    return UNEXPECTED;
  }

  #admit(call: AnyCall, needsCore: boolean): void {
    const { keys, proxy } = this.#options;
    const offered = {
      apiKey: textOf(call.metadata.get("x-api-key")[0]),
      authorization: textOf(call.metadata.get("authorization")[0]),
    };
    keys.check(offered, addressOfPeer(call.getPeer()));
    if (needsCore) proxy.demandCore();
  }
}

function definitionOf(
  name: string,
  requestStream: boolean,
  responseStream: boolean,
): Grpc.MethodDefinition<Buffer, Buffer> {
  return {
    path: SERVICE + name,
    requestStream,
    responseStream,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function addService(server: Grpc.Server, service: NodeService): void {
  const definitions: Record<string, Grpc.MethodDefinition<Buffer, Buffer>> = {
    GetLogs: definitionOf("GetLogs", false, true),
    SyncUser: definitionOf("SyncUser", true, false),
    SyncUsersChunked: definitionOf("SyncUsersChunked", true, false),
  };
  const handlers: Grpc.UntypedServiceImplementation = {
    GetLogs: service.getLogs,
    SyncUser: service.syncUser,
    SyncUsersChunked: service.syncUsersChunked,
  };
  for (const call of UNARY_CALLS) {
    definitions[call.name] = definitionOf(call.name, false, false);
    handlers[call.name] = service.unary(call);
  }
  server.addService(definitions, handlers);
}

/** Builds the server, with the library loaded here; nothing listens yet. */
export async function createGrpcServer(options: GrpcOptions): Promise<GrpcServer> {
  const grpc = await import("@grpc/grpc-js");
  const { tls } = options;
  const { cert, key } = tls.value;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE,
    "grpc.max_send_message_length": MAX_MESSAGE,
    "grpc.max_concurrent_streams": 100,
    // A panel that vanished without a goodbye is noticed.
    "grpc.keepalive_time_ms": 120_000,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.enable_channelz": 0,
  });
  addService(server, new NodeService(options));
  const credentials = grpc.ServerCredentials.createSsl(
    null,
    [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }],
    false,
  );
  let cutConnections = (): void => undefined;
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const name = host.includes(":") ? `[${host}]` : host;
        server.bindAsync(`${name}:${port}`, credentials, (error, bound) => {
          if (error === null) {
            cutConnections = followConnections(server, { tls });
            resolve(bound);
          } else reject(error);
        });
      }),
    close: () => {
      server.forceShutdown();
      cutConnections();
    },
  };
}
