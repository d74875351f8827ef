import { describe, expect, it } from "vitest";
import { FrameFanOut } from "../../../src/platform/video/frame-fan-out.ts";
import type { VideoFrame } from "../../../src/platform/video/port.ts";

const FRAME: VideoFrame = {
  jpeg: Uint8Array.of(1),
  width: 1,
  height: 1,
  isOnline: true,
  receivedAt: 0,
  timings: "",
};

describe("FrameFanOut", () => {
  it("gives the same picture to everybody who listens", () => {
    const fanOut = new FrameFanOut();
    const got: VideoFrame[] = [];
    const listener = (frame: VideoFrame): void => void got.push(frame);
    fanOut.watch(listener);
    const stop = fanOut.watch(listener);
    fanOut.emit(FRAME);
    expect(got).toEqual([FRAME, FRAME]);
    stop();
    fanOut.emit(FRAME);
    expect(got).toHaveLength(3);
  });

  it("knows whether anybody listens", () => {
    const fanOut = new FrameFanOut();
    const stops = [fanOut.watch(() => undefined), fanOut.watch(() => undefined)];
    stops[0]?.();
    stops[0]?.();
    expect(fanOut.watched.value).toBe(true);
    stops[1]?.();
    expect(fanOut.watched.value).toBe(false);
  });
});
