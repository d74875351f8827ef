import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { MissingPartError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { until } from "../../../src/core/store.ts";
import { createFileStore } from "../../../src/platform/files/node-files.ts";
import { createUstreamerSource } from "../../../src/platform/ustreamer/ustreamer-source.ts";
import type { VideoFrame, VideoOptions, VideoSource } from "../../../src/platform/video/port.ts";
import { VIDEO_OPTIONS, videoContract } from "../../contract/video.ts";
import { fakeUstreamerRunner, readFakePicture } from "../../support/fake-ustreamer.ts";

const OPTIONS: VideoOptions = { ...VIDEO_OPTIONS, slowdown: true, useSink: true };
const PARAMS = {
  desiredFps: 25,
  quality: 70,
  resolution: "1280x720",
  h264BitrateKbps: 5000,
  h264Gop: 30,
};

function open(change: Partial<VideoOptions> = {}, process = fakeUstreamerRunner()): VideoSource {
  return createUstreamerSource(
    { ...OPTIONS, ...change },
    {
      process,
      files: createFileStore(),
      clock: systemClock,
      log: silentLogger,
    },
  );
}

/** Runs until the end of the test. */
function start(source: VideoSource): { stop: () => Promise<void> } {
  const controller = new AbortController();
  const running = source.run(PARAMS, controller.signal);
  running.catch(() => undefined);
  const stop = (): Promise<void> => {
    controller.abort();
    return running;
  };
  onTestFinished(() => stop().catch(() => undefined));
  return { stop };
}

const answers = (source: VideoSource) => until(source.state, ({ streamer }) => streamer !== null);

function nextFrames(source: VideoSource, count: number): Promise<readonly VideoFrame[]> {
  return new Promise((resolve) => {
    const frames: VideoFrame[] = [];
    const stop = source.watch((frame) => {
      frames.push(frame);
      if (frames.length < count) return;
      stop();
      resolve(frames);
    });
  });
}

const numberOf = ({ jpeg }: VideoFrame): number => readFakePicture(jpeg).number;

videoContract("UstreamerSource", () => open());

describe("UstreamerSource", () => {
  it("asks the program who it is", async () => {
    expect(await open().identify()).toEqual({
      app: "ustreamer",
      version: "5.99",
      features: { WITH_FAKES: true, WITH_HARDWARE: false },
    });
  });

  it("tells the program's state while it runs, and none afterwards", async () => {
    const source = open();
    const { stop } = start(source);
    const { streamer, problem } = await answers(source);
    expect(problem).toBeNull();
    expect(streamer).toMatchObject({
      instance_id: "fake",
      encoder: { quality: 70 },
      source: { desired_fps: 25, online: true },
    });
    await stop();
    expect(source.state.value.streamer).toBeNull();
  });

  it("delivers consecutive pictures over one connection, however many listen", async () => {
    const source = open();
    start(source);
    const [first, second] = await Promise.all([nextFrames(source, 3), nextFrames(source, 3)]);
    const numbers = first.map(numberOf);
    expect(numbers).toEqual([1, 2, 3].map((step) => (numbers[0] ?? 0) + step - 1));
    expect(second).toEqual(first);
    expect(second[0]?.jpeg).toBe(first[0]?.jpeg);
    expect(first[0]).toMatchObject({
      width: 1280,
      height: 720,
      isOnline: true,
      timings: "X-UStreamer-Latency: 0.001000\r\n",
    });
    await until(source.state, ({ streamer }) => streamer?.stream.clients === 0);
  });

  it("fetches a snapshot with its headers", async () => {
    const source = open();
    start(source);
    await answers(source);
    const { frame, headers } = await source.snapshot(new AbortController().signal);
    expect(frame).toMatchObject({ width: 1280, height: 720, isOnline: true });
    expect(frame.jpeg).toHaveLength(100);
    expect(headers).toEqual({
      "X-Timestamp": "1.5",
      "X-UStreamer-Online": "true",
      "X-UStreamer-Width": "1280",
      "X-UStreamer-Height": "720",
    });
  });

  it("says how the program ended by itself", async () => {
    const runner = fakeUstreamerRunner();
    const source = open({}, runner);
    const running = source.run(PARAMS, new AbortController().signal);
    await answers(source);
    runner.started[0]?.end(3, "the device burns");
    await expect(running).rejects.toThrow(/status 3.*the device burns/);
    expect(source.state.value.problem?.kind).toBe("failed");
  });

  it("asks a capture stick for a picture of useful size when none is set", async () => {
    const runner = fakeUstreamerRunner();
    const source = open({}, runner);
    const controller = new AbortController();
    const running = source.run({ ...PARAMS, resolution: "" }, controller.signal);
    await answers(source);
    controller.abort();
    await running;
    expect(runner.started[0]?.args).toEqual(
      expect.arrayContaining(["--format=mjpeg", "--encoder=hw", "--resolution=1280x720"]),
    );
  });

  it("passes arguments of the configuration on as they are", async () => {
    const source = open({ extraArguments: ["--no-such-option"] });
    const running = source.run(PARAMS, new AbortController().signal);
    await expect(running).rejects.toThrow(/unknown option no-such-option/);
  });

  it("says that the program is missing", async () => {
    const source = open({ program: "/nowhere/ustreamer" });
    const running = source.run(PARAMS, new AbortController().signal);
    await expect(running).rejects.toThrow(MissingPartError);
    expect(source.state.value.problem?.kind).toBe("no-program");
    expect(await source.identify()).toEqual({ app: "ustreamer", version: "", features: {} });
  });

  it("says that the capture device is missing while the program runs without it", async () => {
    const source = open({ device: "/dev/no-such-video" });
    start(source);
    const { problem } = await answers(source);
    expect(problem?.kind).toBe("no-device");
  });
});
