import { decode, encode } from "jpeg-js";
import { clamp } from "../../core/bytes.ts";
import type { PictureBox, PictureSize } from "./port.ts";

/** What a worker is asked to do. */
export type PictureTask =
  | {
      readonly kind: "resize";
      readonly jpeg: Uint8Array;
      readonly size: PictureSize;
      readonly quality: number;
    }
  | { readonly kind: "cutGray"; readonly jpeg: Uint8Array; readonly box: PictureBox };

interface Pixels extends PictureSize {
  /** Red, green, blue, alpha. */
  readonly data: Uint8Array;
}

const MAX_MEGAPIXELS = 36;
const MAX_MEMORY_MB = 320;

function read(jpeg: Uint8Array): Pixels {
  return decode(jpeg, {
    useTArray: true,
    tolerantDecoding: true,
    maxResolutionInMP: MAX_MEGAPIXELS,
    maxMemoryUsageInMB: MAX_MEMORY_MB,
  });
}

/** First and last (outside) source pixel of each target pixel. */
function spans(from: number, to: number): readonly (readonly [number, number])[] {
  return Array.from({ length: to }, (_, index) => {
    const start = Math.floor((index * from) / to);
    const end = Math.floor(((index + 1) * from) / to);
    return [start, Math.max(end, start + 1)] as const;
  });
}

/** Every target pixel is the mean of the source pixels that it covers. */
function shrink(source: Pixels, { width, height }: PictureSize): Pixels {
  const data = new Uint8Array(width * height * 4).fill(255);
  const columns = spans(source.width, width);
  let at = 0;
  for (const [top, bottom] of spans(source.height, height)) {
    for (const [left, right] of columns) {
      const sums = [0, 0, 0];
      for (let y = top; y < bottom; y += 1) addRow(source, y * source.width, [left, right], sums);
      const count = (bottom - top) * (right - left);
      for (const [channel, sum] of sums.entries()) data[at + channel] = sum / count;
      at += 4;
    }
  }
  return { width, height, data };
}

function addRow(
  { data }: Pixels,
  row: number,
  [left, right]: readonly [number, number],
  sums: number[],
): void {
  for (let at = (row + left) * 4; at < (row + right) * 4; at += 4) {
    sums[0] = (sums[0] ?? 0) + (data[at] ?? 0);
    sums[1] = (sums[1] ?? 0) + (data[at + 1] ?? 0);
    sums[2] = (sums[2] ?? 0) + (data[at + 2] ?? 0);
  }
}

function cutGray({ data, width, height }: Pixels, box: PictureBox): Uint8Array {
  const left = clamp(box.left, 0, width - 1);
  const top = clamp(box.top, 0, height - 1);
  const right = clamp(box.right, left + 1, width);
  const bottom = clamp(box.bottom, top + 1, height);
  const head = new TextEncoder().encode(`P5\n${right - left} ${bottom - top}\n255\n`);
  const file = new Uint8Array(head.length + (right - left) * (bottom - top));
  file.set(head);
  let to = head.length;
  for (let y = top; y < bottom; y += 1) {
    for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
      // Weights of the eye's sensitivity (ITU-R BT.601).
      file[to] =
        0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
      to += 1;
    }
  }
  return file;
}

/** Does the work at once, for as long as it takes. Throws whatever is wrong with the picture. */
export function performPictureTask(task: PictureTask): Uint8Array {
  const pixels = read(task.jpeg);
  if (task.kind === "cutGray") return cutGray(pixels, task.box);
  return encode(shrink(pixels, task.size), task.quality).data;
}
