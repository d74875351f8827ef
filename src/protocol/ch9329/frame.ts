// Frames of the CH9329 UART-to-HID chip: 57 AB, address, command, length, data, sum (CH9329 protocol, "Frame").

/** The two bytes every frame begins with. */
export const HEADER_FIRST = 0x57;
export const HEADER_SECOND = 0xab;
/** Bytes in front of the data. */
export const HEADER_LENGTH = 5;
/** Header and sum. */
export const FRAME_OVERHEAD = HEADER_LENGTH + 1;
/** Largest LEN of the protocol document; see `parser.ts` for the longer answers of the CH9329F. */
export const MAX_DATA_LENGTH = 64;
/** Address that every chip executes and none answers. */
export const BROADCAST_ADDRESS = 0xff;

/** One frame of either direction, its sum already checked and removed. */
export interface Ch9329Frame {
  readonly address: number;
  readonly command: number;
  readonly data: Uint8Array;
}

/** Low eight bits of the sum of `length` bytes from `start`. */
export function sumOf(bytes: Uint8Array, start: number, length: number): number {
  let sum = 0;
  for (let index = start; index < start + length; index += 1) sum += bytes[index] ?? 0;
  return sum & 0xff;
}

/** Builds a frame in one buffer: the chip gives up on a frame with a gap of 3 ms, so it must go out in one write. */
export function encodeFrame(
  command: number,
  data: Uint8Array | readonly number[] = [],
  address = 0,
): Uint8Array {
  if (data.length > 0xff) throw new RangeError(`CH9329 frame with ${data.length} data bytes`);
  const bytes = new Uint8Array(data.length + FRAME_OVERHEAD);
  bytes[0] = HEADER_FIRST;
  bytes[1] = HEADER_SECOND;
  bytes[2] = address;
  bytes[3] = command;
  bytes[4] = data.length;
  bytes.set(data, HEADER_LENGTH);
  const sumAt = bytes.length - 1;
  bytes[sumAt] = sumOf(bytes, 0, sumAt);
  return bytes;
}

/** Decodes exactly one frame; undefined when the bytes are anything else. */
export function decodeFrame(bytes: Uint8Array): Ch9329Frame | undefined {
  const [first, second, address, command, length] = bytes;
  if (first !== HEADER_FIRST || second !== HEADER_SECOND) return undefined;
  if (address === undefined || command === undefined || length === undefined) return undefined;
  if (bytes.length !== length + FRAME_OVERHEAD) return undefined;
  const sumAt = bytes.length - 1;
  if (bytes[sumAt] !== sumOf(bytes, 0, sumAt)) return undefined;
  return { address, command, data: bytes.slice(HEADER_LENGTH, sumAt) };
}
