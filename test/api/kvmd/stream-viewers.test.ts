import { describe, expect, it } from "vitest";
import { StreamViewers, TooManyViewersError } from "../../../src/api/kvmd/stream-viewers.ts";
import type { PictureSink } from "../../../src/api/kvmd/stream-viewer.ts";
import { VideoUnavailableError } from "../../../src/platform/video/port.ts";
import { fakeFrame } from "../../support/fake-video.ts";
import { startStreamer } from "../../support/streamer-fixture.ts";

const OPTIONS = {
  key: "abc",
  extraHeaders: false,
  advanceHeaders: false,
  dualFinalFrames: false,
  zeroData: false,
};

/** A reader that takes everything at once, or nothing at all. */
function reader(isStuck = false) {
  const got: Uint8Array[] = [];
  const ends: string[] = [];
  const sink: PictureSink = {
    cork: () => undefined,
    uncork: () => undefined,
    write(chunk, done) {
      if (typeof chunk !== "string") got.push(chunk);
      if (!isStuck) done?.();
      return true;
    },
    end: () => void ends.push("end"),
    destroy: () => void ends.push("destroy"),
  };
  return { sink, got, ends };
}

async function setUp(maxViewers = 128) {
  const fixture = await startStreamer();
  const release = fixture.streamer.want();
  await fixture.clock.advance(0);
  const { streamer, clock } = fixture;
  const viewers = new StreamViewers({ streamer, clock, maxViewers });
  const add = (sink: PictureSink) => {
    const id = viewers.reserve();
    return { id, remove: viewers.add(id, sink, OPTIONS) };
  };
  return { ...fixture, release, viewers, add };
}

describe("the readers of the picture stream", () => {
  it("all get every picture, from one source", async () => {
    const { video, add } = await setUp();
    const [first, second] = [reader(), reader()];
    expect(video.frames.watched.value).toBe(false);
    const removals = [add(first.sink), add(second.sink)];
    const frames = [1, 2].map((number) => fakeFrame({ jpeg: Uint8Array.of(number) }));
    for (const frame of frames) video.frames.emit(frame);
    expect(first.got).toEqual(frames.map(({ jpeg }) => jpeg));
    expect(second.got).toEqual(first.got);
    for (const { remove } of removals) remove();
    expect(video.frames.watched.value).toBe(false);
  });

  it("get the present picture when they come later", async () => {
    const { video, add } = await setUp();
    add(reader().sink);
    video.frames.emit(fakeFrame());
    const late = reader();
    add(late.sink);
    expect(late.got).toHaveLength(1);
  });

  it("are listed with their rate", async () => {
    const { video, clock, viewers, add } = await setUp();
    const { id, remove } = add(reader().sink);
    for (let count = 0; count < 7; count += 1) video.frames.emit(fakeFrame());
    await clock.advance(1000);
    expect(viewers.stats.value).toMatchObject({ [id]: { fps: 7, key: "abc" } });
    remove();
    remove();
    expect(viewers.stats.value).toEqual({});
  });

  it("lose nothing by one that does not read, which is dropped after ten seconds", async () => {
    const { video, clock, viewers, add } = await setUp();
    const [good, stuck] = [reader(), reader(true)];
    const { id } = add(good.sink);
    add(stuck.sink);
    for (let count = 0; count < 110; count += 1) {
      video.frames.emit(fakeFrame());
      await clock.advance(100);
    }
    expect(good.got).toHaveLength(110);
    expect(stuck.got).toHaveLength(1);
    expect(stuck.ends).toEqual(["destroy"]);
    expect(Object.keys(viewers.stats.value)).toEqual([id]);
  });

  it("stay while the source starts anew, and are sent away when it stops", async () => {
    const { streamer, release, clock, add } = await setUp();
    const { sink, ends } = reader();
    add(sink);
    streamer.reset();
    await clock.advance(3000);
    expect(ends).toEqual([]);
    release();
    await clock.advance(11_000);
    expect(ends).toEqual(["end"]);
  });

  it("are sent away when the source cannot be started for long", async () => {
    const { video, clock, add } = await setUp();
    const { sink, ends } = reader();
    add(sink);
    video.run = () => Promise.reject(new VideoUnavailableError("broken"));
    video.fail();
    await clock.advance(14_000);
    expect(ends).toEqual([]);
    await clock.advance(3000);
    expect(ends).toEqual(["end"]);
  });

  it("are limited in number", async () => {
    const { viewers, add } = await setUp(1);
    add(reader().sink);
    expect(() => viewers.reserve()).toThrow(TooManyViewersError);
  });
});
