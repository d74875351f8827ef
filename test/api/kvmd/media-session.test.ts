import { describe, expect, it } from "vitest";
import { MAX_QUEUED, MediaSession } from "../../../src/api/kvmd/media-session.ts";
import { createStore } from "../../../src/core/store.ts";
import type { H264Feed } from "../../../src/device/streamer/h264-feed.ts";
import { FrameFanOut } from "../../../src/platform/video/frame-fan-out.ts";
import type { AccessUnit } from "../../../src/protocol/h264/flv.ts";
import { fakeFrame } from "../../support/fake-video.ts";

/** A client that has read what was sent when told to. */
function setUp(isPure = false) {
  const sent: Uint8Array[] = [];
  const waiting: (() => void)[] = [];
  const socket = {
    readyState: 1,
    OPEN: 1,
    send(data: Uint8Array, _options: object, done: () => void) {
      sent.push(data);
      waiting.push(done);
    },
  };
  const frames = new FrameFanOut();
  let keyRequests = 0;
  let emit: (unit: AccessUnit) => void = () => undefined;
  let isWatched = false;
  const h264: H264Feed = {
    isPossible: createStore(true),
    isWatched: createStore(true),
    start: () => undefined,
    restart: () => undefined,
    requestKey: () => {
      keyRequests += 1;
    },
    watch(listener) {
      emit = listener;
      isWatched = true;
      return () => {
        isWatched = false;
      };
    },
  };
  const streamer = {
    watch: (listener: Parameters<FrameFanOut["watch"]>[0]) => frames.watch(listener),
    h264,
  };
  const session = new MediaSession(socket, streamer, { isPure });
  return {
    session,
    sent,
    frames,
    emit: (isKey: boolean, number: number) => emit({ isKey, data: Uint8Array.of(number) }),
    readAll: () => {
      for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) done();
    },
    keyRequests: () => keyRequests,
    isWatched: () => isWatched,
  };
}

const numbers = (sent: readonly Uint8Array[]) => sent.map((frame) => frame.at(-1));

describe("a client of the media socket", () => {
  it("gets H.264 from a key frame on, with headers", () => {
    const { session, sent, emit } = setUp();
    session.start("h264");
    emit(false, 1);
    emit(true, 2);
    emit(false, 3);
    expect(sent).toEqual([Uint8Array.of(1, 1, 2), Uint8Array.of(1, 0, 3)]);
  });

  it("gets the pictures alone in pure mode", () => {
    const { session, sent, emit } = setUp(true);
    session.start("h264");
    emit(true, 2);
    expect(sent).toEqual([Uint8Array.of(2)]);
  });

  it("that is behind by the whole queue begins anew with a key frame", () => {
    const { session, sent, emit, readAll, keyRequests } = setUp();
    session.start("h264");
    emit(true, 0);
    for (let number = 1; number < MAX_QUEUED + 5; number += 1) emit(false, number);
    expect(sent).toHaveLength(MAX_QUEUED);
    expect(keyRequests()).toBe(1);
    readAll();
    emit(false, 100);
    emit(true, 101);
    emit(false, 102);
    expect(numbers(sent).slice(MAX_QUEUED)).toEqual([101, 102]);
  });

  it("gets the newest JPEG whenever it has read the one before", () => {
    const { session, sent, frames, readAll } = setUp(true);
    session.start("jpeg");
    for (const number of [1, 2, 3]) frames.emit(fakeFrame({ jpeg: Uint8Array.of(number) }));
    expect(numbers(sent)).toEqual([1]);
    readAll();
    expect(numbers(sent)).toEqual([1, 3]);
  });

  it("may change the format, and takes nothing after it has gone", () => {
    const { session, frames, isWatched } = setUp();
    session.start("h264");
    session.start("jpeg");
    expect([isWatched(), frames.watched.value]).toEqual([false, true]);
    session.close();
    expect(frames.watched.value).toBe(false);
  });
});
