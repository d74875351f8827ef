/**
 * H.264 out of an FLV stream (Adobe FLV 10.1, annex E; ISO/IEC 14496-15 for the parts inside). The container is used
 * because it tells where a picture ends with its last byte, which a bare byte stream only does with the next picture.
 */
import { AppError } from "../../core/errors.ts";
import { concatBytes } from "../../core/bytes.ts";

/** The stream is no FLV with H.264 in it, or a part of it is larger than allowed. */
export class FlvError extends AppError {
  static readonly code = "FLV";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", FlvError.code, message, options);
  }
}

/** A picture with everything that is needed to decode it, as an Annex B byte stream. */
export interface AccessUnit {
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

const FILE_HEADER = 13;
const TAG_HEADER = 11;
const BACK_POINTER = 4;
const VIDEO_TAG = 9;
const MAX_TAG_BYTES = 8 * 1024 * 1024;
const AVC_CODEC = 7;
const KEY_FRAME = 1;
const START_CODE = Uint8Array.of(0, 0, 0, 1);
const NOTHING = new Uint8Array(0);

const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const u24 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) << 8) | (bytes[at + 2] ?? 0);

/** Parameter sets of an `avcC` record, each with a start code. */
function readParameterSets(record: Uint8Array): Uint8Array {
  const sets: Uint8Array[] = [];
  let at = 5;
  const take = (count: number): void => {
    for (let left = count; left > 0 && at + 2 <= record.length; left -= 1) {
      const length = u16(record, at);
      sets.push(START_CODE, record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  };
  const sequenceSets = (record[at] ?? 0) & 0x1f;
  at += 1;
  take(sequenceSets);
  const pictureSets = record[at] ?? 0;
  at += 1;
  take(pictureSets);
  return concatBytes(...sets);
}

/** Replaces the four-byte lengths before the units by start codes, in place. */
function toStartCodes(units: Uint8Array): void {
  const view = new DataView(units.buffer, units.byteOffset, units.byteLength);
  for (let at = 0; at + 4 <= units.length;) {
    const length = view.getUint32(at);
    if (length > units.length - at - 4) throw new FlvError("A picture is cut off");
    units.set(START_CODE, at);
    at += 4 + length;
  }
}

/** Takes an FLV stream apart as it arrives. Throws `FlvError` from `push`; the parser is useless afterwards. */
export class FlvParser {
  readonly #onUnit: (unit: AccessUnit) => void;
  #pending: Uint8Array = NOTHING;
  #isPastHeader = false;
  #parameterSets: Uint8Array = NOTHING;

  constructor(onUnit: (unit: AccessUnit) => void) {
    this.#onUnit = onUnit;
  }

  push(chunk: Uint8Array): void {
    let bytes = this.#pending.length === 0 ? chunk.slice() : concatBytes(this.#pending, chunk);
    if (!this.#isPastHeader) {
      if (bytes.length < FILE_HEADER) {
        this.#pending = bytes;
        return;
      }
      if (bytes[0] !== 0x46 || bytes[1] !== 0x4c || bytes[2] !== 0x56)
        throw new FlvError("Not FLV");
      this.#isPastHeader = true;
      bytes = bytes.subarray(FILE_HEADER);
    }
    for (let size = this.#tagSize(bytes); size > 0; size = this.#tagSize(bytes)) {
      if (((bytes[0] ?? 0) & 0x1f) === VIDEO_TAG) {
        this.#takeVideo(bytes.subarray(TAG_HEADER, size - BACK_POINTER));
      }
      bytes = bytes.subarray(size);
    }
    this.#pending = bytes;
  }

  /** Bytes of the first tag, or 0 while it is not complete. */
  #tagSize(bytes: Uint8Array): number {
    if (bytes.length < TAG_HEADER) return 0;
    const size = TAG_HEADER + u24(bytes, 1) + BACK_POINTER;
    if (size > MAX_TAG_BYTES) throw new FlvError(`A tag announces ${size} bytes`);
    return bytes.length >= size ? size : 0;
  }

  #takeVideo(body: Uint8Array): void {
    const [kind = 0, packet] = body;
    if ((kind & 0x0f) !== AVC_CODEC) throw new FlvError("The video is not H.264");
    const payload = body.subarray(5);
    if (packet === 0) this.#parameterSets = readParameterSets(payload);
    if (packet !== 1 || payload.length === 0) return;
    toStartCodes(payload);
    const isKey = kind >> 4 === KEY_FRAME;
    const data = isKey ? concatBytes(this.#parameterSets, payload) : payload.slice();
    this.#onUnit({ isKey, data });
  }
}
