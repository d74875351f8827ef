/**
 * Protocol Buffers (proto3) by table: a message is a list of named fields, and its TypeScript type follows from the
 * table. Unknown fields are skipped. Absent fields read as their defaults; defaults are not written.
 */
import { ProtobufError, ProtoReader } from "./reader.ts";
import { ProtoWriter } from "./writer.ts";

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;

/** How one field is read and written. `T` is the value as the program sees it. */
export interface Field<T> {
  readonly number: number;
  readonly wireType: number;
  /** A new default for each message. */
  initial(): T;
  /** The value after one more occurrence on the wire; packed numbers and repeated fields build on `previous`. */
  read(reader: ProtoReader, previous: T): T;
  /** Writes tags and values; nothing for the default. */
  write(writer: ProtoWriter, value: T): void;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type ValueOf<F> = F extends { initial(): infer T } ? T : never;
type Values<S> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** One message type. */
export interface MessageType<T> {
  /** Full name, for messages about bad bytes. */
  readonly name: string;
  /** Throws `ProtobufError`. */
  decode(bytes: Uint8Array): T;
  /** What is left out is written as its default, which takes no bytes. */
  encode(value: Partial<T>): Uint8Array;
  /** A complete value from a part of one. */
  create(value?: Partial<T>): T;
}

/** The value type of a message: `type User = Infer<typeof User>`. */
export type Infer<M> = M extends MessageType<infer T> ? T : never;

function scalar<T extends bigint | number | string | boolean>(options: {
  readonly number: number;
  readonly wireType: number;
  readonly initial: T;
  readonly read: (reader: ProtoReader) => T;
  readonly write: (writer: ProtoWriter, value: T) => void;
}): Field<T> {
  const { number, wireType, initial, read, write } = options;
  return {
    number,
    wireType,
    initial: () => initial,
    read,
    write(writer, value) {
      if (value === initial) return;
      writer.tag(number, wireType);
      write(writer, value);
    },
  };
}

export const string = (number: number): Field<string> =>
  scalar<string>({
    number,
    wireType: DELIMITED,
    initial: "",
    read: (reader) => reader.string(),
    write: (writer, value) => {
      writer.string(value);
    },
  });

export const bool = (number: number): Field<boolean> =>
  scalar<boolean>({
    number,
    wireType: VARINT,
    initial: false,
    read: (reader) => reader.varint() !== 0n,
    write: (writer, value) => {
      writer.varint32(value ? 1 : 0);
    },
  });

/** Also for enums: numbers that are not known stay what they are. */
export const uint32 = (number: number): Field<number> =>
  scalar<number>({
    number,
    wireType: VARINT,
    initial: 0,
    read: (reader) => reader.uint32(),
    write: (writer, value) => {
      writer.varint32(value);
    },
  });

const varint64 = (number: number, read: (reader: ProtoReader) => bigint): Field<bigint> =>
  scalar<bigint>({
    number,
    wireType: VARINT,
    initial: 0n,
    read,
    write: (writer, value) => {
      writer.varint64(value);
    },
  });

export const uint64 = (number: number): Field<bigint> =>
  varint64(number, (reader) => reader.varint());

export const int64 = (number: number): Field<bigint> =>
  varint64(number, (reader) => BigInt.asIntN(64, reader.varint()));

export const double = (number: number): Field<number> =>
  scalar<number>({
    number,
    wireType: FIXED64,
    initial: 0,
    read: (reader) => reader.double(),
    write: (writer, value) => {
      writer.double(value);
    },
  });

/** Always copied out of the message, so that a few bytes do not keep megabytes alive. */
export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  wireType: DELIMITED,
  initial: () => new Uint8Array(0),
  read: (reader) => reader.bytes().slice(),
  write(writer, value) {
    if (value.length === 0) return;
    writer.tag(number, DELIMITED);
    writer.bytes(value);
  },
});

/** A part message; undefined when it is absent, which differs from an empty one. The last occurrence wins. */
export const optional = <T>(number: number, type: MessageType<T>): Field<T | undefined> => ({
  number,
  wireType: DELIMITED,
  initial: () => undefined,
  read: (reader) => type.decode(reader.bytes()),
  write(writer, value) {
    if (value === undefined) return;
    writer.tag(number, DELIMITED);
    writer.bytes(type.encode(value));
  },
});

export const repeatedStrings = (number: number): Field<readonly string[]> => ({
  number,
  wireType: DELIMITED,
  initial: () => [],
  read: (reader, previous) => append(previous, reader.string()),
  write(writer, values) {
    for (const value of values) {
      writer.tag(number, DELIMITED);
      writer.string(value);
    }
  },
});

export const repeated = <T>(number: number, type: MessageType<T>): Field<readonly T[]> => ({
  number,
  wireType: DELIMITED,
  initial: () => [],
  read: (reader, previous) => append(previous, type.decode(reader.bytes())),
  write(writer, values) {
    for (const value of values) {
      writer.tag(number, DELIMITED);
      writer.bytes(type.encode(value));
    }
  },
});

/** Entries are messages with the key as field 1 and the value as field 2. */
export const map = <V>(
  number: number,
  value: (number: number) => Field<V>,
): Field<ReadonlyMap<string, V>> => {
  const key = string(1);
  const item = value(2);
  return {
    number,
    wireType: DELIMITED,
    initial: () => new Map(),
    read(reader, previous) {
      const entry = decodeEntry(new ProtoReader(reader.bytes()), key, item);
      if (previous instanceof Map) previous.set(entry.key, entry.value);
      return previous;
    },
    write(writer, entries) {
      for (const [name, content] of entries) {
        const part = new ProtoWriter();
        key.write(part, name);
        item.write(part, content);
        writer.tag(number, DELIMITED);
        writer.bytes(part.finish());
      }
    },
  };
};

/** `initial` has made the list for this message alone. */
function append<T>(list: readonly T[], item: T): readonly T[] {
  if (Array.isArray(list)) list.push(item);
  return list;
}

function decodeEntry<V>(
  reader: ProtoReader,
  key: Field<string>,
  item: Field<V>,
): { readonly key: string; readonly value: V } {
  let name = "";
  let value = item.initial();
  while (!reader.isAtEnd) {
    const { field, wireType } = reader.tag();
    if (field === 1 && wireType === key.wireType) name = key.read(reader, name);
    else if (field === 2 && wireType === item.wireType) value = item.read(reader, value);
    else reader.skip(wireType);
  }
  return { key: name, value };
}

interface Slot {
  readonly name: string;
  readonly field: Field<unknown>;
}

/** Describes a message type. Field numbers must be unique. */
export function message<const S extends Fields>(name: string, fields: S): MessageType<Values<S>> {
  const slots: readonly Slot[] = Object.entries(fields).map(([key, field]) => ({
    name: key,
    field,
  }));
  const byNumber = new Map(slots.map((slot) => [slot.field.number, slot]));
  const blank = (): Record<string, unknown> => {
    const value: Record<string, unknown> = {};
    for (const slot of slots) value[slot.name] = slot.field.initial();
    return value;
  };
  // Made by `blank`, filled by fields of the right names.
  const isComplete = (value: object): value is Values<S> =>
    slots.every((slot) => slot.name in value);
  const complete = (value: object): Values<S> => {
    if (isComplete(value)) return value;
    throw new ProtobufError(`${name} is not complete`);
  };
  return {
    name,
    create: (value = {}) => complete(Object.assign(blank(), value)),
    decode(bytes) {
      const value = blank();
      const reader = new ProtoReader(bytes);
      while (!reader.isAtEnd) {
        const { field, wireType } = reader.tag();
        const slot = byNumber.get(field);
        if (slot === undefined || slot.field.wireType !== wireType) reader.skip(wireType);
        else value[slot.name] = slot.field.read(reader, value[slot.name]);
      }
      return complete(value);
    },
    encode(value) {
      const writer = new ProtoWriter();
      const given: Readonly<Record<string, unknown>> = value;
      for (const slot of slots) {
        const item = given[slot.name];
        if (item !== undefined) slot.field.write(writer, item);
      }
      return writer.finish();
    },
  };
}
