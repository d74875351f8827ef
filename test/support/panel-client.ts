import { request } from "node:https";
import type { IncomingMessage, RequestOptions } from "node:http";
import * as grpc from "@grpc/grpc-js";
import type { MessageType } from "../../src/protocol/protobuf/message.ts";

/** An answer of the node's REST side. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  readonly text: string;
}

export interface RestCall {
  readonly headers?: Readonly<Record<string, string>>;
  /** Several parts are sent with chunked transfer encoding. */
  readonly body?: Uint8Array | readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

/** Speaks HTTP/1.1 after offering nothing but `h2` in the handshake, as the panel's library does. */
const TLS: RequestOptions & { rejectUnauthorized: boolean; ALPNProtocols: string[] } = {
  rejectUnauthorized: false,
  ALPNProtocols: ["h2"],
};

function open(port: number, method: string, path: string, call: RestCall) {
  const { headers = {}, signal } = call;
  return request({
    ...TLS,
    host: "127.0.0.1",
    port,
    method,
    path,
    headers,
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  });
}

export function restCall(
  port: number,
  method: string,
  path: string,
  call: RestCall = {},
): Promise<RestAnswer> {
  const { body } = call;
  const sent = open(port, method, path, {
    ...call,
    headers: {
      ...call.headers,
      ...(body instanceof Uint8Array ? { "Content-Length": String(body.length) } : {}),
    },
  });
  return new Promise((resolve, reject) => {
    sent.once("error", reject);
    sent.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => {
        parts.push(part);
      });
      response.once("error", reject);
      response.once("end", () => {
        const bytes = Buffer.concat(parts);
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, bytes, text: bytes.toString("utf8") });
      });
    });
    if (body instanceof Uint8Array) sent.end(body);
    else {
      for (const part of body ?? []) sent.write(part);
      sent.end();
    }
  });
}

/** The response as soon as its headers are there. */
export function restStream(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const sent = open(port, "GET", path, { headers });
  sent.end();
  return new Promise((resolve, reject) => {
    sent.once("error", reject);
    sent.once("response", resolve);
  });
}

/** The answer to a request without a key, whose body is never finished. */
export function endlessUpload(port: number): Promise<IncomingMessage> {
  const sent = open(port, "PUT", "/users/sync/chunked", {});
  sent.write("x");
  sent.on("error", () => undefined);
  return new Promise((resolve) => {
    sent.once("response", resolve);
  });
}

/** A failed gRPC call. */
export interface GrpcFailure {
  readonly code: number;
  readonly details: string;
}

export interface GrpcPanel {
  /** Rejects with a `GrpcFailure`. */
  call<Request, Response>(
    method: string,
    types: readonly [MessageType<Request>, MessageType<Response>],
    request: Partial<Request>,
    signal?: AbortSignal,
  ): Promise<Response>;
  /** An upload; `send` one by one, then `finish`. */
  upload<Request>(method: string, type: MessageType<Request>): GrpcUpload<Request>;
  log(): grpc.ClientReadableStream<Buffer>;
  close(): void;
}

export interface GrpcUpload<Request> {
  send(request: Partial<Request>): void;
  /** Half-closes. */
  end(): void;
  /** Rejects with a `GrpcFailure`. */
  readonly done: Promise<void>;
}

const asIs = (bytes: Buffer): Buffer => bytes;
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

/** A panel over gRPC, with this key; metadata under another name is for tests of keys. */
export function grpcPanel(port: number, cert: string, metadata: Record<string, string>): GrpcPanel {
  const credentials = grpc.credentials.createSsl(Buffer.from(cert));
  const client = new grpc.Client(`localhost:${port}`, credentials, {
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": 1,
  });
  const meta = new grpc.Metadata();
  for (const [name, value] of Object.entries(metadata)) meta.set(name, value);
  const path = (method: string): string => `/service.NodeService/${method}`;
  return {
    call: (method, [request, response], value, signal) =>
      new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          path(method),
          asIs,
          asIs,
          toBuffer(request.encode(value)),
          meta,
          (error, bytes) => {
            if (error === null) resolve(response.decode(bytes ?? Buffer.alloc(0)));
            else reject(error);
          },
        );
        signal?.addEventListener("abort", () => {
          call.cancel();
        });
      }),
    upload: (method, type) => {
      let settle: (error: grpc.ServiceError | null) => void = () => undefined;
      const done = new Promise<void>((resolve, reject) => {
        settle = (error) => {
          if (error === null) resolve();
          else reject(error);
        };
      });
      const call = client.makeClientStreamRequest(path(method), asIs, asIs, meta, (error) => {
        settle(error);
      });
      call.on("error", () => undefined);
      return {
        send: (value) => {
          call.write(toBuffer(type.encode(value)));
        },
        end: () => {
          call.end();
        },
        done,
      };
    },
    log: () => client.makeServerStreamRequest(path("GetLogs"), asIs, asIs, Buffer.alloc(0), meta),
    close: () => {
      client.close();
    },
  };
}
