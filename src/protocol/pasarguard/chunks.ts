/**
 * Users in chunks (PasarGuard node 2.5). Over gRPC each chunk is a message; over REST the body is a row of frames,
 * each a length and a `UsersChunk`. The Python client and the stock node write the length as a varint, the Go client
 * as four bytes, big-endian; a body of the second kind begins with a zero byte, one of the first never does.
 */
import { AppError } from "../../core/errors.ts";
import { concatBytes } from "../../core/bytes.ts";
import { UsersChunk } from "./messages.ts";
import type { User } from "./messages.ts";

/** A row of chunks that is not whole or not readable; the text is the one that clients know. */
export class ChunksError extends AppError {
  static readonly code = "PROXY_CHUNKS";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", ChunksError.code, message, options);
  }
}

const LOW_BITS = 0x7f;
const MORE_BIT = 0x80;
const FIXED_LENGTH = 4;
const MAX_VARINT = 5;
/** As large as the largest gRPC message. */
const MAX_CHUNK = 64 * 1024 * 1024;

interface Header {
  /** Bytes of the length itself. */
  readonly size: number;
  readonly length: number;
}

/** The length at the front; undefined while it is not all there. */
function varintHeader(bytes: Uint8Array): Header | undefined {
  let length = 0;
  for (let index = 0; index < MAX_VARINT; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length += (byte & LOW_BITS) * 2 ** (7 * index);
    if (byte < MORE_BIT) return { size: index + 1, length };
  }
  throw new ChunksError("failed to read chunk length: too long");
}

function fixedHeader(bytes: Uint8Array): Header | undefined {
  if (bytes.length < FIXED_LENGTH) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return { size: FIXED_LENGTH, length: a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d };
}

function decodeChunk(payload: Uint8Array): UsersChunk {
  try {
    return UsersChunk.decode(payload);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new ChunksError(`failed to decode chunk: ${reason}`, { cause: error });
  }
}

/** Cuts a body, as it arrives, into chunks. Both methods throw `ChunksError`. */
export class ChunkFrames {
  #rest: Uint8Array = new Uint8Array(0);
  #readHeader: ((bytes: Uint8Array) => Header | undefined) | undefined;

  /** The chunks that are complete now. */
  push(bytes: Uint8Array): readonly UsersChunk[] {
    this.#rest = this.#rest.length === 0 ? bytes : concatBytes(this.#rest, bytes);
    if (this.#rest.length === 0) return [];
    this.#readHeader ??= this.#rest[0] === 0 ? fixedHeader : varintHeader;
    const chunks: UsersChunk[] = [];
    for (;;) {
      const header = this.#readHeader(this.#rest);
      if (header === undefined) return chunks;
      if (header.length > MAX_CHUNK) {
        throw new ChunksError(`failed to read chunk payload: ${header.length} bytes is too much`);
      }
      const end = header.size + header.length;
      if (this.#rest.length < end) return chunks;
      if (header.length > 0) chunks.push(decodeChunk(this.#rest.subarray(header.size, end)));
      this.#rest = this.#rest.subarray(end);
    }
  }

  /** Call at the end of the body: it must not end within a frame. */
  finish(): void {
    if (this.#rest.length === 0) return;
    throw new ChunksError("failed to read chunk payload: unexpected EOF");
  }
}

/** Puts chunks into order. The same index twice is one chunk in two parts. */
export class ChunkSet {
  readonly #users = new Map<bigint, User[]>();
  #lastIndex: bigint | undefined;

  /** Whether the chunk marked as the last has come; what follows it is not looked at. */
  get isComplete(): boolean {
    return this.#lastIndex !== undefined;
  }

  add(chunk: UsersChunk): void {
    if (this.isComplete) return;
    const users = this.#users.get(chunk.index);
    if (users === undefined) this.#users.set(chunk.index, [...chunk.users]);
    else for (const user of chunk.users) users.push(user);
    if (chunk.last) this.#lastIndex = chunk.index;
  }

  /** All users in the order of the indexes. Throws `ChunksError`; nobody at all is an error, too. */
  users(): readonly User[] {
    const last = this.#lastIndex;
    if (last === undefined) throw new ChunksError("missing final chunk indicator");
    const users: User[] = [];
    for (let index = 0n; index <= last; index += 1n) {
      const part = this.#users.get(index);
      if (part === undefined) throw new ChunksError(`missing chunk index ${index}`);
      for (const user of part) users.push(user);
    }
    if (users.length === 0) throw new ChunksError("no users received");
    return users;
  }
}
