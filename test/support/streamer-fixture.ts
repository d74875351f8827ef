import Value from "typebox/value";
import { onTestFinished } from "vitest";
import type { StreamerConfig } from "../../src/config/schema.ts";
import { StreamerSection } from "../../src/config/sections/streamer.ts";
import { silentLogger } from "../../src/core/log.ts";
import { createScope } from "../../src/core/scope.ts";
import { createStore } from "../../src/core/store.ts";
import type { MutableStore } from "../../src/core/store.ts";
import type { AtxState } from "../../src/device/atx/atx-state.ts";
import { createStreamer } from "../../src/device/streamer/streamer.ts";
import type { Streamer } from "../../src/device/streamer/streamer.ts";
import type { PictureTools } from "../../src/platform/picture/port.ts";
import type { ProcessRunner } from "../../src/platform/process/port.ts";
import { fakeClock } from "./fake-clock.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeVideo } from "./fake-video.ts";
import type { FakeVideo } from "./fake-video.ts";
import { scriptedRunner } from "./scripted-runner.ts";

type Tree = Readonly<Record<string, unknown>>;

/** The defaults with a change. */
export function streamerConfig(change: Tree = {}): StreamerConfig {
  const filled: unknown = Value.Default(StreamerSection, structuredClone(change));
  return Value.Decode(StreamerSection, filled);
}

export const ATX: AtxState = {
  enabled: true,
  acts: { power: false, reset: false },
  leds: { power: true, hdd: false },
  lastError: null,
};

/** Says what it was asked for instead of working on pictures. */
export const wordyPictures: PictureTools = {
  resize: (_jpeg, { width, height }, quality) =>
    Promise.resolve(Buffer.from(`${width}x${height} at ${quality}`)),
  cutGray: (_jpeg, { left, top, right, bottom }) =>
    Promise.resolve(Buffer.from(`${left},${top},${right},${bottom}`)),
  close: () => Promise.resolve(),
};

export interface StreamerFixture {
  readonly streamer: Streamer;
  readonly video: FakeVideo;
  readonly clock: FakeClock;
  readonly atx: MutableStore<AtxState>;
}

export interface FixtureOptions {
  readonly config?: Tree;
  readonly process?: ProcessRunner;
  /** Default true. */
  readonly hasPowerLight?: boolean;
}

/** A started streamer on a fake source; the end of the test closes it. */
export async function startStreamer(options: FixtureOptions = {}): Promise<StreamerFixture> {
  const clock = fakeClock();
  const video = fakeVideo();
  const atx = createStore(ATX);
  const streamer = createStreamer({
    config: streamerConfig(options.config),
    capture: video,
    pictures: wordyPictures,
    process: options.process ?? scriptedRunner(),
    atx: { state: atx },
    hasPowerLight: options.hasPowerLight ?? true,
    clock,
    log: silentLogger,
  });
  const scope = createScope("test", silentLogger);
  onTestFinished(() => scope.close());
  await streamer.start(scope);
  await clock.advance(0);
  return { streamer, video, clock, atx };
}
