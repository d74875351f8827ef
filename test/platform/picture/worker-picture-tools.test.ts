import { decode, encode } from "jpeg-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { PictureError } from "../../../src/platform/picture/port.ts";
import { createPictureTools } from "../../../src/platform/picture/worker-picture-tools.ts";

/** Left half black, right half white. */
function halves(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let at = 0; at < data.length; at += 4) {
    if ((at / 4) % width < width / 2) data.fill(0, at, at + 3);
  }
  return encode({ width, height, data }, 95).data;
}

function open() {
  const tools = createPictureTools(systemClock);
  onTestFinished(() => tools.close());
  return tools;
}

describe("resizing", () => {
  it("keeps the picture and changes its size", async () => {
    const small = await open().resize(halves(64, 32), { width: 16, height: 8 }, 90);
    const { width, height, data } = decode(small, { useTArray: true });
    expect([width, height]).toEqual([16, 8]);
    expect(data[0]).toBeLessThan(30);
    expect(data[15 * 4]).toBeGreaterThan(225);
  });

  it("refuses what is no JPEG", async () => {
    const pending = open().resize(Uint8Array.of(1, 2, 3), { width: 1, height: 1 }, 80);
    await expect(pending).rejects.toThrow(PictureError);
  });
});

describe("cutting", () => {
  it("takes a part out as a gray PGM file", async () => {
    const file = await open().cutGray(halves(64, 32), { left: 24, top: 0, right: 40, bottom: 2 });
    const head = "P5\n16 2\n255\n";
    expect(Buffer.from(file).subarray(0, head.length).toString()).toBe(head);
    expect(file).toHaveLength(head.length + 32);
    expect(file[head.length]).toBeLessThan(40);
    expect(file[head.length + 15]).toBeGreaterThan(215);
  });

  it("leaves out what is outside", async () => {
    const file = await open().cutGray(halves(16, 16), { left: 8, top: 8, right: 99, bottom: 99 });
    expect(Buffer.from(file).subarray(0, 8).toString()).toBe("P5\n8 8\n2");
  });
});
