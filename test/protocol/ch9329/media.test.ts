import { describe, expect, it } from "vitest";
import { mediaBitsOf, mediaUsagesOf } from "../../../src/protocol/ch9329/media.ts";

describe("CH9329 media keys", () => {
  it.each([
    ["volume up", 0xe9, 0x000001],
    ["mute", 0xe2, 0x000004],
    ["eject", 0xb8, 0x000080],
    ["mail", 0x18a, 0x000100],
    ["refresh", 0x227, 0x008000],
    ["media select", 0x183, 0x010000],
    ["calculator", 0x192, 0x040000],
    ["my computer", 0x194, 0x100000],
    ["rewind", 0xb4, 0x800000],
    ["play, as the toggle", 0xb0, 0x000008],
    ["pause, as the toggle", 0xb1, 0x000008],
  ])("hold %s in its bit", (_name, usage, bits) => {
    expect(mediaBitsOf(usage)).toBe(bits);
  });

  it("hold nothing for no key and for keys the chip lacks", () => {
    expect(mediaBitsOf(0)).toBe(0);
    expect(mediaBitsOf(0x6f)).toBe(0);
  });

  it("name the usages of a bitmap, a shared bit once", () => {
    expect(mediaUsagesOf(mediaBitsOf(0xcd) | mediaBitsOf(0x192))).toEqual([0xcd, 0x192]);
    expect(mediaUsagesOf(0)).toEqual([]);
    expect(mediaUsagesOf(1 << 17)).toEqual([]);
  });
});
