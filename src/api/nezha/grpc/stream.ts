import type * as Grpc from "@grpc/grpc-js";
import { CallRefusal, STATUS } from "./refusal.ts";

/**
 * One call of an agent. All are served as streams, the unary ones too, so that who calls is decided before any message
 * is read, and one handler serves every generation.
 */
export type AgentStream = Grpc.ServerDuplexStream<Buffer, Buffer>;

/** More unread messages than this, and the peer is as good as gone. */
const MAX_UNREAD = 256;

/** False when the peer has not read for too long, or is gone. */
export function writeTo(stream: AgentStream, message: Buffer): boolean {
  if (stream.destroyed || stream.writableEnded || stream.writableLength >= MAX_UNREAD) return false;
  stream.write(message);
  return true;
}

/** The bytes themselves, in the type that the library wants. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Ends a call with a status; nothing happens to one that has ended. */
export function failStream(stream: AgentStream, error: unknown): void {
  if (stream.destroyed || stream.writableEnded) return;
  const refusal =
    error instanceof CallRefusal ? error : new CallRefusal(STATUS.internal, "internal error");
  // Texts of statuses travel as a header.
  const details = refusal.message.replaceAll(/[^ -~]/g, "?");
  stream.emit("error", { code: refusal.status, details });
}
