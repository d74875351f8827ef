// What the messages of Nezha need beyond the protobuf tables: counters as numbers, 32-bit floats, packed numbers, and
// one program type for two numberings.
import type { Field, MessageType } from "../protobuf/message.ts";
import { ProtoReader } from "../protobuf/reader.ts";
import { ProtoWriter } from "../protobuf/writer.ts";

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** The largest number below 2^64 that a JavaScript number holds. */
const MAX_UINT64 = 2 ** 64 - 2048;

/** Both directions of one message. `decode` throws `ProtobufError`; `encode` never fails. */
export interface NezhaCodec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** A property without a field in this generation is not written, and reads as it is in `empty`. */
export function codecOf<T extends object>(empty: T, type: MessageType<Partial<T>>): NezhaCodec<T> {
  return {
    encode: (value) => type.encode(value),
    decode: (bytes) => ({ ...empty, ...type.decode(bytes) }),
  };
}

/**
 * 64 bits as a number: exact up to 2^53, the nearest above. What is no positive number is written as 0, and fractions
 * are dropped.
 */
export function counter(number: number): Field<number> {
  return {
    number,
    wireType: VARINT,
    initial: () => 0,
    read: (reader) => Number(reader.varint()),
    write(writer, value) {
      if (!(value >= 1)) return;
      writer.tag(number, VARINT);
      writer.varint64(BigInt(Math.floor(Math.min(value, MAX_UINT64))));
    },
  };
}

/** 32 bits on the wire: about seven digits. */
export function float(number: number): Field<number> {
  return {
    number,
    wireType: FIXED32,
    initial: () => 0,
    read: (reader) => reader.float(),
    write(writer, value) {
      if (Math.fround(value) === 0) return;
      writer.tag(number, FIXED32);
      writer.float(value);
    },
  };
}

export function packedDoubles(number: number): Field<readonly number[]> {
  return {
    number,
    wireType: DELIMITED,
    initial: () => [],
    read(reader, previous) {
      const packed = new ProtoReader(reader.bytes());
      // `initial` has made the list for this message alone.
      while (!packed.isAtEnd && Array.isArray(previous)) previous.push(packed.double());
      return previous;
    },
    write(writer, values) {
      if (values.length === 0) return;
      const packed = new ProtoWriter();
      for (const value of values) packed.double(value);
      writer.tag(number, DELIMITED);
      writer.bytes(packed.finish());
    },
  };
}

/** A list in the program, one number on the wire: the first. */
export function firstDouble(number: number): Field<readonly number[]> {
  return {
    number,
    wireType: FIXED64,
    initial: () => [],
    read: (reader) => [reader.double()],
    write(writer, values) {
      const value = values[0] ?? 0;
      if (value === 0) return;
      writer.tag(number, FIXED64);
      writer.double(value);
    },
  };
}

/** A part message that always has a value: absent and empty are the same. */
export function part<T>(number: number, codec: NezhaCodec<T>, initial: T): Field<T> {
  return {
    number,
    wireType: DELIMITED,
    initial: () => initial,
    read: (reader) => codec.decode(reader.bytes()),
    write(writer, value) {
      const encoded = codec.encode(value);
      if (encoded.length === 0) return;
      writer.tag(number, DELIMITED);
      writer.bytes(encoded);
    },
  };
}
