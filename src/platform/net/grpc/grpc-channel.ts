import type * as Grpc from "@grpc/grpc-js";
import { GRPC_STATUS, GrpcStatusError } from "./port.ts";
import type { GrpcChannel, GrpcMetadata, GrpcStream } from "./port.ts";

type Call = Grpc.ClientDuplexStream<Uint8Array, Uint8Array>;

/** What a server says about itself may be a whole web page. */
const MAX_DETAILS = 300;

const toBuffer = (message: Uint8Array): Buffer =>
  Buffer.from(message.buffer, message.byteOffset, message.byteLength);
const fromBuffer = (buffer: Buffer): Uint8Array => buffer;

function toError({
  code,
  details,
}: {
  readonly code: number;
  readonly details: string;
}): GrpcStatusError {
  const text =
    details === "" ? `The call ended with status ${code}` : details.slice(0, MAX_DETAILS);
  return new GrpcStatusError(code, text);
}

class NodeGrpcStream implements GrpcStream {
  readonly #call: Call;
  readonly #closeListeners = new Set<{ notify: (error: GrpcStatusError | undefined) => void }>();
  #ended: { readonly error: GrpcStatusError | undefined } | undefined;

  constructor(call: Call) {
    this.#call = call;
    // The end is told only after every message was read.
    call.on("data", () => undefined);
    // Told with its status below.
    call.on("error", () => undefined);
    call.on("status", ({ code, details }: { readonly code: number; readonly details: string }) => {
      this.#finish(code === 0 ? undefined : toError({ code, details }));
    });
  }

  send(message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(
          this.#ended.error ?? new GrpcStatusError(GRPC_STATUS.unavailable, "The call has ended"),
        );
        return;
      }
      // A message that still waits when the call ends is never called back.
      const unsubscribe = this.onClose((error) => {
        reject(error ?? new GrpcStatusError(GRPC_STATUS.unavailable, "The call has ended"));
      });
      this.#call.write(message, () => {
        unsubscribe();
        resolve();
      });
    });
  }

  end(): void {
    if (this.#ended === undefined) this.#call.end();
  }

  onMessage(listener: (message: Uint8Array) => void): () => void {
    this.#call.on("data", listener);
    return () => {
      this.#call.off("data", listener);
    };
  }

  onClose(notify: (error: GrpcStatusError | undefined) => void): () => void {
    if (this.#ended !== undefined) {
      notify(this.#ended.error);
      return () => undefined;
    }
    const entry = { notify };
    this.#closeListeners.add(entry);
    return () => {
      this.#closeListeners.delete(entry);
    };
  }

  cancel(): void {
    if (this.#ended === undefined) this.#call.cancel();
  }

  #finish(error: GrpcStatusError | undefined): void {
    if (this.#ended !== undefined) return;
    this.#ended = { error };
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    for (const { notify } of listeners) notify(error);
  }
}

/** Calls over a client that is connected; closes it. */
export class NodeGrpcChannel implements GrpcChannel {
  readonly #grpc: typeof Grpc;
  readonly #client: Grpc.Client;
  readonly #calls = new Set<{ cancel: () => void }>();
  #closed = false;

  constructor(grpc: typeof Grpc, client: Grpc.Client) {
    this.#grpc = grpc;
    this.#client = client;
  }

  unary(
    path: string,
    message: Uint8Array,
    options: { readonly metadata: GrpcMetadata; readonly timeoutMs: number },
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new GrpcStatusError(GRPC_STATUS.cancelled, "The connection is closed"));
        return;
      }
      const call = this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(
        path,
        toBuffer,
        fromBuffer,
        message,
        this.#metadata(options.metadata),
        { deadline: this.#deadline(options.timeoutMs) },
        (error, answer) => {
          this.#calls.delete(call);
          if (error === null && answer !== undefined) resolve(answer);
          else reject(toError(error ?? { code: GRPC_STATUS.unknown, details: "" }));
        },
      );
      this.#calls.add(call);
    });
  }

  stream(path: string, metadata: GrpcMetadata): GrpcStream {
    const call = this.#client.makeBidiStreamRequest<Uint8Array, Uint8Array>(
      path,
      toBuffer,
      fromBuffer,
      this.#metadata(metadata),
    );
    const stream = new NodeGrpcStream(call);
    this.#calls.add(stream);
    stream.onClose(() => {
      this.#calls.delete(stream);
    });
    if (this.#closed) stream.cancel();
    return stream;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const call of this.#calls) call.cancel();
    this.#client.close();
  }

  /** The library wants a moment of the wall clock. */
  #deadline(timeoutMs: number): Date {
    return new Date(Date.now() + timeoutMs);
  }

  #metadata(entries: GrpcMetadata): Grpc.Metadata {
    const metadata = new this.#grpc.Metadata();
    for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
    return metadata;
  }
}
