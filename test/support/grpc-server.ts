import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { Metadata, ServerDuplexStream, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";

export type ServerStream = ServerDuplexStream<Uint8Array, Uint8Array>;
export type GrpcHandler =
  | {
      readonly kind: "unary";
      handle(message: Uint8Array, metadata: Metadata): Uint8Array | Promise<Uint8Array>;
    }
  | { readonly kind: "stream"; handle(stream: ServerStream): void };

/** Thrown by a handler: the call ends with this status. */
export class Refusal extends Error {
  readonly code: status;
  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

const toBuffer = (message: Uint8Array): Buffer => Buffer.from(message);
const fromBuffer = (buffer: Buffer): Uint8Array => new Uint8Array(buffer);

async function answer(
  handle: (message: Uint8Array, metadata: Metadata) => Uint8Array | Promise<Uint8Array>,
  call: ServerUnaryCall<Uint8Array, Uint8Array>,
  callback: sendUnaryData<Uint8Array>,
): Promise<void> {
  try {
    callback(null, await handle(call.request, call.metadata));
  } catch (error) {
    const code = error instanceof Refusal ? error.code : status.INTERNAL;
    callback({ code, details: error instanceof Error ? error.message : "" });
  }
}

export interface GrpcTestServer {
  readonly port: number;
  /** Ends every connection at once. */
  close(): void;
}

export interface GrpcServerOptions {
  /** By path. A path that is not there is answered as not implemented. */
  readonly handlers: ReadonlyMap<string, GrpcHandler>;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A real gRPC server on loopback. */
export async function startGrpcServer({
  handlers,
  port = 0,
  tls,
}: GrpcServerOptions): Promise<GrpcTestServer> {
  const server = new Server();
  for (const [path, handler] of handlers) {
    const common = {
      path,
      requestSerialize: toBuffer,
      requestDeserialize: fromBuffer,
      responseSerialize: toBuffer,
      responseDeserialize: fromBuffer,
    };
    const isStream = handler.kind === "stream";
    server.addService(
      { call: { ...common, requestStream: isStream, responseStream: isStream } },
      {
        call: isStream
          ? (stream: ServerStream) => {
              stream.on("error", () => undefined);
              handler.handle(stream);
            }
          : (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback: sendUnaryData<Uint8Array>) =>
              void answer(handler.handle.bind(handler), call, callback),
      },
    );
  }
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
        ]);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, actual) => {
      if (error === null) resolve(actual);
      else reject(error);
    });
  });
  return {
    port: bound,
    close() {
      server.forceShutdown();
    },
  };
}
