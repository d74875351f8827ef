import { describe, expect, it } from "vitest";
import { STUCK_AFTER_MS, StreamViewer } from "../../../src/api/kvmd/stream-viewer.ts";
import type { PictureSink } from "../../../src/api/kvmd/stream-viewer.ts";
import type { VideoFrame } from "../../../src/platform/video/port.ts";
import type { StreamOptions } from "../../../src/protocol/ustreamer/multipart-writer.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeFrame } from "../../support/fake-video.ts";

const PLAIN: StreamOptions = {
  key: "abc",
  extraHeaders: false,
  advanceHeaders: false,
  dualFinalFrames: false,
  zeroData: false,
};

/** A reader that takes what was written when told to. */
function reader(options: Partial<StreamOptions> = {}) {
  const chunks: (string | Uint8Array)[] = [];
  const waiting: (() => void)[] = [];
  const ends: string[] = [];
  const sink: PictureSink = {
    cork: () => undefined,
    uncork: () => undefined,
    write(chunk, done) {
      chunks.push(chunk);
      if (done !== undefined) waiting.push(() => done());
      return true;
    },
    end: () => void ends.push("end"),
    destroy: () => void ends.push("destroy"),
  };
  const clock = fakeClock();
  const viewer = new StreamViewer(sink, { ...PLAIN, ...options }, clock);
  return {
    viewer,
    clock,
    ends,
    /** Numbers of the pictures written so far. */
    pictures: () => chunks.flatMap((chunk) => (typeof chunk === "string" ? [] : [chunk[0]])),
    text: () => chunks.filter((chunk) => typeof chunk === "string").join(""),
    take: () => waiting.shift()?.(),
  };
}

const frame = (number: number): VideoFrame => fakeFrame({ jpeg: Uint8Array.of(number) });

describe("a reader of the picture stream", () => {
  it("is given the very bytes of a picture", () => {
    const { viewer } = reader();
    const written: unknown[] = [];
    const sink: PictureSink = {
      cork: () => undefined,
      uncork: () => undefined,
      write: (chunk) => written.push(chunk) > 0,
      end: () => undefined,
      destroy: () => undefined,
    };
    const picture = frame(1);
    new StreamViewer(sink, PLAIN, fakeClock()).offer(picture);
    expect(written[1]).toBe(picture.jpeg);
    viewer.close();
  });

  it("skips pictures while it is behind, and then gets the newest", () => {
    const { viewer, pictures, take } = reader();
    for (const number of [1, 2, 3, 4]) viewer.offer(frame(number));
    expect(pictures()).toEqual([1]);
    take();
    expect(pictures()).toEqual([1, 4]);
    take();
    viewer.offer(frame(5));
    expect(pictures()).toEqual([1, 4, 5]);
  });

  it("is told how many it missed", () => {
    const { viewer, text, take } = reader({ extraHeaders: true });
    for (const number of [1, 2, 3, 4]) viewer.offer(frame(number));
    take();
    expect(text().match(/Dropped: \d/g)).toEqual(["Dropped: 0", "Dropped: 2"]);
  });

  it("has its own rate in the statistics", async () => {
    const { viewer, take, clock } = reader();
    for (const number of [1, 2, 3]) {
      viewer.offer(frame(number));
      take();
    }
    viewer.tick();
    expect(viewer.stat).toEqual({
      fps: 3,
      key: "abc",
      extra_headers: false,
      advance_headers: false,
      dual_final_frames: false,
      zero_data: false,
    });
    await clock.advance(1000);
    viewer.tick();
    expect(viewer.stat.fps).toBe(0);
  });

  it("counts as stuck when it takes nothing for ten seconds", async () => {
    const { viewer, take, clock } = reader();
    viewer.offer(frame(1));
    await clock.advance(STUCK_AFTER_MS - 1);
    expect(viewer.tick()).toBe(true);
    await clock.advance(1);
    expect(viewer.tick()).toBe(false);
    take();
    expect(viewer.tick()).toBe(true);
  });

  it("is sent away gently when it reads, and cut off when not", () => {
    const good = reader();
    good.viewer.end();
    expect(good.ends).toEqual(["end"]);
    const stuck = reader();
    stuck.viewer.offer(frame(1));
    stuck.viewer.end();
    expect(stuck.ends).toEqual(["destroy"]);
  });

  it("gets the last picture of a series twice with dual_final_frames", async () => {
    const { viewer, pictures, take, clock } = reader({ dualFinalFrames: true });
    for (const number of [1, 2]) {
      viewer.offer(frame(number));
      take();
      await clock.advance(50);
    }
    expect(pictures()).toEqual([1, 2]);
    await clock.advance(50);
    take();
    await clock.advance(5000);
    expect(pictures()).toEqual([1, 2, 2]);
  });

  it("gets headers alone with zero_data", () => {
    const { viewer, pictures, text } = reader({ zeroData: true });
    viewer.offer(frame(1));
    expect(pictures()).toEqual([]);
    expect(text()).toContain("Content-Length: 0");
  });
});
