// Messages as tables of fields. proto3 rules: a zero or empty value is absent on the wire and reads as zero; the last
// of repeated occurrences wins; a field that is unknown, or known with another wire type, is skipped.
import { WIRE, WireReader, WireWriter } from "./wire.ts";

/** How one property of a message travels. */
export interface Field<V> {
  readonly number: number;
  /** Writes nothing for a zero or empty value. */
  write(writer: WireWriter, value: V): void;
  /** The new value of the property, or undefined when the field cannot travel with this wire type. */
  read(reader: WireReader, wireType: number, previous: V): V | undefined;
}

/** Both directions of one message. `decode` throws `NezhaFormatError`; `encode` never fails. */
export interface MessageCodec<T> {
  encode(message: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

export function uint64(number: number): Field<number> {
  return {
    number,
    write(writer, value) {
      if (!(value >= 1)) return;
      writer.tag(number, WIRE.varint);
      writer.varint(value);
    },
    read: (reader, wireType) => (wireType === WIRE.varint ? reader.varint() : undefined),
  };
}

export function bool(number: number): Field<boolean> {
  return {
    number,
    write(writer, value) {
      if (!value) return;
      writer.tag(number, WIRE.varint);
      writer.varint(1);
    },
    read: (reader, wireType) => (wireType === WIRE.varint ? reader.varint() !== 0 : undefined),
  };
}

export function double(number: number): Field<number> {
  return {
    number,
    write(writer, value) {
      if (value === 0) return;
      writer.tag(number, WIRE.fixed64);
      writer.double(value);
    },
    read: (reader, wireType) => (wireType === WIRE.fixed64 ? reader.double() : undefined),
  };
}

/** 32 bits on the wire: about seven digits. */
export function float(number: number): Field<number> {
  return {
    number,
    write(writer, value) {
      if (Math.fround(value) === 0) return;
      writer.tag(number, WIRE.fixed32);
      writer.float(value);
    },
    read: (reader, wireType) => (wireType === WIRE.fixed32 ? reader.float() : undefined),
  };
}

export function text(number: number): Field<string> {
  return {
    number,
    write(writer, value) {
      if (value === "") return;
      writer.tag(number, WIRE.bytes);
      writer.text(value);
    },
    read: (reader, wireType) => (wireType === WIRE.bytes ? reader.text() : undefined),
  };
}

export function bytes(number: number): Field<Uint8Array> {
  return {
    number,
    write(writer, value) {
      if (value.length === 0) return;
      writer.tag(number, WIRE.bytes);
      writer.bytes(value);
    },
    read: (reader, wireType) => (wireType === WIRE.bytes ? reader.bytes() : undefined),
  };
}

export function texts(number: number): Field<readonly string[]> {
  return {
    number,
    write(writer, value) {
      for (const item of value) {
        writer.tag(number, WIRE.bytes);
        writer.text(item);
      }
    },
    read: (reader, wireType, previous) =>
      wireType === WIRE.bytes ? [...previous, reader.text()] : undefined,
  };
}

/** Packed when written; both forms are read. */
export function doubles(number: number): Field<readonly number[]> {
  return {
    number,
    write(writer, value) {
      if (value.length === 0) return;
      const packed = new WireWriter();
      for (const item of value) packed.double(item);
      writer.tag(number, WIRE.bytes);
      writer.bytes(packed.finish());
    },
    read(reader, wireType, previous) {
      if (wireType === WIRE.fixed64) return [...previous, reader.double()];
      if (wireType !== WIRE.bytes) return undefined;
      const packed = new WireReader(reader.bytes());
      const values = [...previous];
      while (!packed.done) values.push(packed.double());
      return values;
    },
  };
}

/** A list in the program, one number on the wire: the first. */
export function firstDouble(number: number): Field<readonly number[]> {
  const single = double(number);
  return {
    number,
    write(writer, value) {
      single.write(writer, value[0] ?? 0);
    },
    read(reader, wireType) {
      const value = single.read(reader, wireType, 0);
      return value === undefined ? undefined : [value];
    },
  };
}

export function message<T>(number: number, codec: MessageCodec<T>): Field<T> {
  return {
    number,
    write(writer, value) {
      const encoded = codec.encode(value);
      if (encoded.length === 0) return;
      writer.tag(number, WIRE.bytes);
      writer.bytes(encoded);
    },
    read: (reader, wireType) =>
      wireType === WIRE.bytes ? codec.decode(reader.bytes()) : undefined,
  };
}

export function messages<T>(number: number, codec: MessageCodec<T>): Field<readonly T[]> {
  return {
    number,
    write(writer, value) {
      for (const item of value) {
        writer.tag(number, WIRE.bytes);
        writer.bytes(codec.encode(item));
      }
    },
    read: (reader, wireType, previous) =>
      wireType === WIRE.bytes ? [...previous, codec.decode(reader.bytes())] : undefined,
  };
}

type FieldsOf<T> = { readonly [K in keyof T]?: Field<T[K]> };

/** One property of one generation, with its type inside. */
interface Property<T> {
  readonly number: number;
  write(writer: WireWriter, source: T): void;
  read(reader: WireReader, wireType: number, target: T): void;
}

function bind<T, K extends keyof T>(key: K, field: Field<T[K]>): Property<T> {
  return {
    number: field.number,
    write(writer, source) {
      field.write(writer, source[key]);
    },
    read(reader, wireType, target) {
      const value = field.read(reader, wireType, target[key]);
      if (value === undefined) reader.skip(wireType);
      else target[key] = value;
    },
  };
}

/**
 * A codec from the value of an empty message and the fields of one generation. A property without a field does not
 * travel in that generation: it is not written, and reads as empty.
 */
export function createCodec<T extends object>(empty: T, fields: FieldsOf<T>): MessageCodec<T> {
  const properties: Property<T>[] = [];
  for (const key in fields) {
    const field = fields[key];
    if (field !== undefined) properties.push(bind(key, field));
  }
  properties.sort((a, b) => a.number - b.number);
  const byNumber = new Map(properties.map((property) => [property.number, property]));
  return {
    encode(source) {
      const writer = new WireWriter();
      for (const property of properties) property.write(writer, source);
      return writer.finish();
    },
    decode(encoded) {
      const target = { ...empty };
      const reader = new WireReader(encoded);
      while (!reader.done) {
        const { field, wireType } = reader.tag();
        const property = byNumber.get(field);
        if (property === undefined) reader.skip(wireType);
        else property.read(reader, wireType, target);
      }
      return target;
    },
  };
}
