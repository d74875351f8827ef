import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "../../src/core/store.ts";
import { VideoUnavailableError } from "../../src/platform/video/port.ts";
import type { VideoFrame, VideoOptions, VideoSource } from "../../src/platform/video/port.ts";

export const VIDEO_OPTIONS: VideoOptions = {
  program: "ustreamer",
  device: "/dev/null",
  format: "auto",
  encoder: "auto",
  dvTimings: "auto",
  dropSameFrames: 0,
  slowdown: false,
  extraArguments: [],
  useSink: false,
  statePollMs: 20,
};

const PARAMS = {
  desiredFps: 20,
  quality: 70,
  resolution: "",
  h264BitrateKbps: 5000,
  h264Gop: 30,
};

/** Runs the source until the end of the test. */
function start(source: VideoSource): () => Promise<void> {
  const controller = new AbortController();
  const running = source.run(PARAMS, controller.signal);
  running.catch(() => undefined);
  const stop = (): Promise<void> => {
    controller.abort();
    return running;
  };
  onTestFinished(() => stop().catch(() => undefined));
  return stop;
}

function frames(source: VideoSource, count: number): Promise<readonly VideoFrame[]> {
  return new Promise((resolve) => {
    const taken: VideoFrame[] = [];
    const stop = source.watch((frame) => {
      taken.push(frame);
      if (taken.length < count) return;
      stop();
      resolve(taken);
    });
  });
}

const answers = (source: VideoSource) => until(source.state, ({ streamer }) => streamer !== null);

/** What every `VideoSource` keeps to. `open` makes one with a signal, in real time. */
export function videoContract(name: string, open: () => VideoSource): void {
  describe(`${name} as a VideoSource`, () => {
    it("has neither state nor pictures before it runs", async () => {
      const source = open();
      expect(source.state.value.streamer).toBeNull();
      const pending = source.snapshot(new AbortController().signal);
      await expect(pending).rejects.toThrow(VideoUnavailableError);
    });

    it("says who it is without running", async () => {
      expect((await open().identify()).version).not.toBe("");
    });

    it("tells what it captures while it runs, and nothing afterwards", async () => {
      const source = open();
      const stop = start(source);
      const { streamer } = await answers(source);
      expect(streamer).toMatchObject({
        encoder: { quality: 70 },
        source: { online: true, desired_fps: 20 },
      });
      await stop();
      expect(source.state.value.streamer).toBeNull();
    });

    it("gives the same pictures to all who watch, with their size", async () => {
      const source = open();
      start(source);
      const [first, second] = await Promise.all([frames(source, 2), frames(source, 2)]);
      expect(second.map(({ jpeg }) => jpeg)).toEqual(first.map(({ jpeg }) => jpeg));
      const { width, height } = (await answers(source)).streamer?.source.resolution ?? {};
      expect(first[0]).toMatchObject({ width, height, isOnline: true });
    });

    it("takes a snapshot with the headers that clients are given", async () => {
      const source = open();
      start(source);
      await answers(source);
      const { frame, headers } = await source.snapshot(new AbortController().signal);
      expect(frame.jpeg.length).toBeGreaterThan(0);
      expect(headers).toMatchObject({
        "X-Timestamp": expect.stringMatching(/^\d+\.\d+$/),
        "X-UStreamer-Online": "true",
        "X-UStreamer-Width": String(frame.width),
        "X-UStreamer-Height": String(frame.height),
      });
    });

    it("can run again, for the same watchers", async () => {
      const source = open();
      const taken: VideoFrame[] = [];
      onTestFinished(source.watch((frame) => void taken.push(frame)));
      const stop = start(source);
      await frames(source, 1);
      await stop();
      const before = taken.length;
      start(source);
      await frames(source, 1);
      expect(taken.length).toBeGreaterThan(before);
    });

    it("stops before it has started when it is told so", async () => {
      const source = open();
      const controller = new AbortController();
      controller.abort();
      await source.run(PARAMS, controller.signal);
      expect(source.state.value.streamer).toBeNull();
    });
  });
}
