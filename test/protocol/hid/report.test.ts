import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/bytes.ts";
import {
  absoluteMouseFunction,
  consumerFunction,
  keyboardFunction,
  relativeMouseFunction,
  systemFunction,
} from "../../../src/protocol/hid/descriptors.ts";
import {
  absoluteMouseReport,
  consumerReport,
  keyboardReport,
  relativeMouseReport,
  systemReport,
} from "../../../src/protocol/hid/report.ts";

describe("reports", () => {
  it("puts modifiers, a reserved byte and six slots into the keyboard report", () => {
    expect(toHex(keyboardReport(0x05, [0x04, 0x05]))).toBe("05 00 04 05 00 00 00 00");
  });

  it("leaves out keys beyond the sixth slot", () => {
    expect(toHex(keyboardReport(0, [1, 2, 3, 4, 5, 6, 7]))).toBe("00 00 01 02 03 04 05 06");
  });

  it("maps API coordinates to 0..32767, little-endian", () => {
    const mouse = { buttons: 1, x: -32_768, y: 32_767, wheelX: 3, wheelY: -1 };
    expect(toHex(absoluteMouseReport(mouse))).toBe("01 00 00 ff 7f ff");
    expect(toHex(absoluteMouseReport(mouse, { hasHorizontalWheel: true }))).toBe(
      "01 00 00 ff 7f ff 03",
    );
  });

  it("doubles absolute positions for Windows 98", () => {
    const mouse = { buttons: 0, x: 0, y: 32_767, wheelX: 0, wheelY: 0 };
    expect(toHex(absoluteMouseReport(mouse, { isWin98: true }))).toBe("00 00 80 fe ff 00");
  });

  it("sends relative motion as signed bytes", () => {
    const mouse = { buttons: 2, dx: -127, dy: 127, wheelX: -1, wheelY: 1 };
    expect(toHex(relativeMouseReport(mouse))).toBe("02 81 7f 01");
    expect(toHex(relativeMouseReport(mouse, { hasHorizontalWheel: true }))).toBe("02 81 7f 01 ff");
  });

  it("sends one consumer usage or one system control", () => {
    expect(toHex(consumerReport(0x0223))).toBe("23 02");
    expect(toHex(systemReport(2))).toBe("02");
  });
});

describe("report descriptors", () => {
  it.each([
    ["keyboard", keyboardFunction(), 65],
    ["absolute mouse", absoluteMouseFunction(false), 58],
    ["absolute mouse with horizontal wheel", absoluteMouseFunction(true), 73],
    ["relative mouse", relativeMouseFunction(false), 46],
    ["relative mouse with horizontal wheel", relativeMouseFunction(true), 61],
    ["consumer control", consumerFunction(), 23],
    ["system control", systemFunction(), 27],
  ])("%s has its documented length and balanced collections", (_, { descriptor }, length) => {
    expect(descriptor).toHaveLength(length);
    expect(collectionBalance(descriptor)).toBe(0);
  });

  it.each([
    [keyboardFunction(), 8],
    [absoluteMouseFunction(false), 6],
    [absoluteMouseFunction(true), 7],
    [relativeMouseFunction(false), 4],
    [relativeMouseFunction(true), 5],
    [consumerFunction(), 2],
    [systemFunction(), 1],
  ])("describes as many input bits as the report has", ({ descriptor, reportLength }, length) => {
    expect(reportLength).toBe(length);
    expect(inputBits(descriptor)).toBe(length * 8);
  });
});

/** Short items of a descriptor: prefix without its size bits, and value. */
function* items(descriptor: Uint8Array): Generator<[tag: number, value: number]> {
  for (let index = 0; index < descriptor.length;) {
    const prefix = descriptor[index] ?? 0;
    const size = [0, 1, 2, 4][prefix & 3] ?? 0;
    let value = 0;
    for (let byte = 0; byte < size; byte += 1) {
      value |= (descriptor[index + 1 + byte] ?? 0) << (8 * byte);
    }
    yield [prefix & 0xfc, value];
    index += 1 + size;
  }
}

function collectionBalance(descriptor: Uint8Array): number {
  let depth = 0;
  for (const [tag] of items(descriptor)) {
    if (tag === 0xa0) depth += 1;
    if (tag === 0xc0) depth -= 1;
  }
  return depth;
}

function inputBits(descriptor: Uint8Array): number {
  let [size, count, bits] = [0, 0, 0];
  for (const [tag, value] of items(descriptor)) {
    if (tag === 0x74) size = value;
    if (tag === 0x94) count = value;
    if (tag === 0x80) bits += size * count;
  }
  return bits;
}
