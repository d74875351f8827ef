import { WireType } from "@bufbuild/protobuf/wire";

/** Groups are left out: none of the peers ever sent them. */
const KNOWN: ReadonlyMap<number, WireType> = new Map([
  [0, WireType.Varint],
  [1, WireType.Bit64],
  [2, WireType.LengthDelimited],
  [5, WireType.Bit32],
]);

/** The library's name of a wire type (Protocol Buffers, Encoding); undefined for one that is not used. */
export function wireTypeOf(value: number): WireType | undefined {
  return KNOWN.get(value);
}
