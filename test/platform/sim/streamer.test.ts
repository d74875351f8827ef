import { decode } from "jpeg-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSimVideoCapture } from "../../../src/platform/sim/streamer.ts";
import { createTargetPc } from "../../../src/platform/sim/target-pc.ts";
import type { TargetPc } from "../../../src/platform/sim/target-pc.ts";
import type { VideoFrame, VideoSource } from "../../../src/platform/video/port.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { VIDEO_OPTIONS, videoContract } from "../../contract/video.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";

const PARAMS = { desiredFps: 20, quality: 90, resolution: "", h264BitrateKbps: 5000, h264Gop: 30 };
const KEY_A = 0x04;

interface Bench {
  readonly clock: FakeClock;
  readonly target: TargetPc;
  readonly source: VideoSource;
  readonly frames: readonly VideoFrame[];
  readonly take: (frame: VideoFrame) => void;
}

function setUp(isOn: boolean): Bench {
  const clock = fakeClock();
  const target = createTargetPc(clock, { isOn });
  const source = createSimVideoCapture(target, clock).open(VIDEO_OPTIONS);
  const controller = new AbortController();
  const running = source.run(PARAMS, controller.signal);
  onTestFinished(async () => {
    controller.abort();
    await running;
    target.close();
  });
  const frames: VideoFrame[] = [];
  const take = (frame: VideoFrame): void => void frames.push(frame);
  return { clock, target, source, frames, take };
}

/** Bright pixels in the part of the screen that has the text. */
function inkOf({ jpeg }: VideoFrame): number {
  const { data, width } = decode(jpeg, { useTArray: true });
  let count = 0;
  for (let at = width * 120 * 4; at < data.length; at += 4) count += (data[at] ?? 0) > 128 ? 1 : 0;
  return count;
}

async function shot({ source }: Bench): Promise<VideoFrame> {
  return (await source.snapshot(new AbortController().signal)).frame;
}

videoContract("the simulated screen", () => {
  const target = createTargetPc(systemClock);
  onTestFinished(() => target.close());
  return createSimVideoCapture(target, systemClock).open(VIDEO_OPTIONS);
});

describe("the simulated screen", () => {
  it("shows what is typed", async () => {
    const bench = setUp(true);
    const before = inkOf(await shot(bench));
    for (let round = 0; round < 5; round += 1) {
      bench.target.keyboard(0, [KEY_A]);
      bench.target.keyboard(0, []);
    }
    // Five letters of about ten dots, each six pixels.
    expect(inkOf(await shot(bench)) - before).toBeGreaterThan(5 * 30);
  });

  it("is black and without signal when the computer is off", async () => {
    const frame = await shot(setUp(false));
    expect(frame.isOnline).toBe(false);
    const { data } = decode(frame.jpeg, { useTArray: true });
    expect(data.some((value, at) => at % 4 !== 3 && value > 8)).toBe(false);
  });

  it("loses and finds its signal with the computer's power", () => {
    const bench = setUp(false);
    const online = () => bench.source.state.value.streamer?.source.online;
    expect(online()).toBe(false);
    bench.target.setPowerSwitch(true);
    expect(online()).toBe(true);
  });

  it("moves: a picture at least each second without any change", async () => {
    const bench = setUp(true);
    bench.source.watch(bench.take);
    await bench.clock.advance(5000);
    expect(bench.frames.length).toBeGreaterThanOrEqual(5);
    expect(new Set(bench.frames.map(({ jpeg }) => Buffer.from(jpeg).toString("base64"))).size).toBe(
      bench.frames.length,
    );
  });

  it("follows changes, with no more pictures than wanted", async () => {
    const bench = setUp(true);
    bench.source.watch(bench.take);
    for (let step = 0; step < 200; step += 1) {
      bench.target.moveTo(step / 200, 0.5);
      await bench.clock.advance(5);
    }
    expect(bench.frames.length).toBeGreaterThanOrEqual(15);
    expect(bench.frames.length).toBeLessThanOrEqual(22);
  });

  it("draws nothing that nobody looks at", async () => {
    const bench = setUp(true);
    const stop = bench.source.watch(bench.take);
    await bench.clock.advance(600);
    stop();
    const seen = bench.frames.length;
    await bench.clock.advance(3000);
    expect(bench.frames).toHaveLength(seen);
    expect(bench.source.state.value.streamer?.source.captured_fps).toBe(0);
  });
});
