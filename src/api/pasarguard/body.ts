import type { Clock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { ProtobufError } from "../../protocol/protobuf/reader.ts";

/** A request that is larger than any that a panel sends. */
export class TooLargeError extends AppError {
  static readonly code = "PROXY_TOO_LARGE";
  constructor() {
    super("tooLarge", TooLargeError.code, "request body is larger than 64 MiB");
  }
}

/** As much as a gRPC message may have. */
export const MAX_MESSAGE = 64 * 1024 * 1024;
/** A body that is not there after so long is given up, so that nothing waits for ever. */
const DEADLINE_MS = 120_000;

interface ByteStream extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): unknown;
}

function isByteStream(body: unknown): body is ByteStream {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

/** The parts of a body as they arrive; none for a request without one. Throws `TooLargeError`, `ProtobufError`. */
export async function* bodyChunks(
  body: unknown,
  clock: Clock,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!isByteStream(body)) return;
  const cancel = clock.setTimer(DEADLINE_MS, () => {
    body.destroy(new ProtobufError("the body did not arrive in time"));
  });
  let size = 0;
  try {
    for await (const bytes of body) {
      size += bytes.length;
      if (size > MAX_MESSAGE) throw new TooLargeError();
      yield bytes;
    }
  } finally {
    cancel();
  }
}

/** The whole body; empty for a request without one. */
export async function readBody(body: unknown, clock: Clock): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const bytes of bodyChunks(body, clock)) parts.push(bytes);
  return Buffer.concat(parts);
}
