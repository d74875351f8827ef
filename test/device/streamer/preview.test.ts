import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makePreview, previewSize } from "../../../src/device/streamer/preview.ts";
import { fakeFrame } from "../../support/fake-video.ts";
import { wordyPictures } from "../../support/streamer-fixture.ts";

const FULL = { width: 1920, height: 1080 };
const bounds = (maxWidth: number, maxHeight: number) => ({ maxWidth, maxHeight, quality: 80 });

describe("previewSize", () => {
  it.each([
    ["a fifth without bounds", bounds(0, 0), { width: 384, height: 216 }],
    ["the bound of one side", bounds(960, 0), { width: 960, height: 540 }],
    ["the bound of the other side", bounds(0, 270), { width: 480, height: 270 }],
    ["the tighter of both", bounds(960, 270), { width: 480, height: 270 }],
    ["never more than the picture", bounds(5000, 5000), FULL],
  ])("is %s", (_, request, expected) => {
    expect(previewSize(FULL, request)).toEqual(expected);
  });

  it("stays within the bounds and has at least one pixel", () => {
    const side = fc.integer({ min: 1, max: 4000 });
    const bound = fc.nat(5000);
    fc.assert(
      fc.property(side, side, bound, bound, (width, height, maxWidth, maxHeight) => {
        const size = previewSize({ width, height }, bounds(maxWidth, maxHeight));
        expect(size.width).toBeGreaterThanOrEqual(1);
        expect(size.height).toBeGreaterThanOrEqual(1);
        expect(size.width).toBeLessThanOrEqual(maxWidth > 0 ? Math.min(maxWidth, width) : width);
        expect(size.height).toBeLessThanOrEqual(
          maxHeight > 0 ? Math.min(maxHeight, height) : height,
        );
      }),
    );
  });
});

describe("makePreview", () => {
  it("gives the very picture when it is small enough", async () => {
    const frame = fakeFrame();
    expect(await makePreview(frame, bounds(640, 480), wordyPictures)).toBe(frame.jpeg);
  });
});
