import fc from "fast-check";
import { decode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { TILE_SIZE, TileJpeg } from "../../../src/platform/sim/tile-jpeg.ts";

const CELLS = TILE_SIZE * TILE_SIZE;

/** Gray values of the decoded picture's squares, in order. */
function squaresOf(jpeg: Uint8Array): readonly (readonly number[])[] {
  const { width, height, data } = decode(jpeg, { useTArray: true });
  const columns = width / TILE_SIZE;
  return Array.from({ length: columns * (height / TILE_SIZE) }, (_, index) =>
    Array.from({ length: CELLS }, (_pixel, at) => {
      const x = (index % columns) * TILE_SIZE + (at % TILE_SIZE);
      const y = Math.floor(index / columns) * TILE_SIZE + Math.floor(at / TILE_SIZE);
      return data[(y * width + x) * 4] ?? -1;
    }),
  );
}

function worstError(given: readonly number[], decoded: readonly number[] = []): number {
  return Math.max(...given.map((value, at) => Math.abs(value - (decoded[at] ?? Number.NaN))));
}

describe("TileJpeg", () => {
  const square = fc.oneof(
    fc.array(fc.nat(255), { minLength: CELLS, maxLength: CELLS }),
    fc.nat(255).map((shade) => Array.from({ length: CELLS }, () => shade)),
  );

  it("writes pictures that another decoder shows as they were drawn", () => {
    fc.assert(
      fc.property(fc.array(square, { minLength: 6, maxLength: 6 }), (squares) => {
        const writer = new TileJpeg(3, 2, 100);
        const decoded = squaresOf(writer.encode(squares.map((pixels) => writer.tile(pixels))));
        for (const [index, pixels] of squares.entries()) {
          expect(worstError(pixels, decoded[index])).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("needs fewer bytes for lower quality", () => {
    const noise = Array.from({ length: CELLS }, (_, index) => (index * 97) % 256);
    const sizes = [90, 50, 10].map((quality) => {
      const writer = new TileJpeg(8, 8, quality);
      const tile = writer.tile(noise);
      return writer.encode(Array.from({ length: 64 }, () => tile)).length;
    });
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes[0]).toBeGreaterThan((sizes[2] ?? 0) * 1.5);
  });

  it("writes one picture after another", () => {
    const writer = new TileJpeg(1, 1, 80);
    const tiles = [
      writer.tile(new Uint8Array(CELLS)),
      writer.tile(new Uint8Array(CELLS).fill(200)),
    ];
    const shades = tiles.map((tile) => squaresOf(writer.encode([tile]))[0]?.[0] ?? -1);
    expect(shades[0]).toBeLessThan(4);
    expect(shades[1]).toBeGreaterThan(196);
  });
});
