import { describe, expect, it } from "vitest";
import {
  StreamerH264NotSupportedError,
  StreamerQualityNotSupportedError,
  StreamerResolutionNotSupportedError,
  StreamerUnavailableError,
} from "../../../src/device/streamer/streamer-errors.ts";
import { MissingPartError } from "../../../src/core/errors.ts";
import { fakeFrame, NO_VIDEO } from "../../support/fake-video.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";
import { ATX, startStreamer } from "../../support/streamer-fixture.ts";

const never = new AbortController().signal;
const ANY = { allowOffline: true, save: false };
const LIVE = { allowOffline: false, save: false };

/** What a promise that is still pending will fail with. */
function failureOf(pending: Promise<unknown>): Promise<unknown> {
  return pending.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("capturing", () => {
  it("begins with the first viewer and ends ten seconds after the last", async () => {
    const { streamer, video, clock } = await startStreamer();
    expect(video.isRunning).toBe(false);
    const release = streamer.want();
    await clock.advance(0);
    expect(video.isRunning).toBe(true);
    streamer.want()();
    release();
    await clock.advance(9999);
    expect(video.isRunning).toBe(true);
    await clock.advance(1);
    expect(video.isRunning).toBe(false);
    expect(video.runs).toHaveLength(1);
  });

  it("goes on when a viewer comes back in time", async () => {
    const { streamer, video, clock } = await startStreamer();
    const release = streamer.want();
    await clock.advance(100);
    release();
    await clock.advance(5000);
    streamer.want();
    await clock.advance(60_000);
    expect(video.runs).toHaveLength(1);
    expect(video.isRunning).toBe(true);
  });

  it("never ends where it is forced", async () => {
    const { video, clock } = await startStreamer({ config: { forever: true } });
    await clock.advance(60_000);
    expect(video.isRunning).toBe(true);
  });

  it("does not begin where it is switched off", async () => {
    const { streamer, video, clock } = await startStreamer({ config: { enabled: false } });
    streamer.want();
    await clock.advance(1000);
    expect(video.isRunning).toBe(false);
    expect(streamer.state.value.condition).toBe("disabled");
    await expect(streamer.snapshot(ANY, never)).rejects.toThrow(StreamerUnavailableError);
  });

  it("begins anew a second after it ended by itself", async () => {
    const { streamer, video, clock } = await startStreamer();
    streamer.want();
    await clock.advance(20_000);
    video.fail();
    await clock.advance(999);
    expect(video.isRunning).toBe(false);
    await clock.advance(1);
    expect(video.isRunning).toBe(true);
  });

  it("passes the configuration on to the source", async () => {
    const { video } = await startStreamer({
      config: { command: "/opt/us", device: "/dev/video7", extraArguments: ["--x"] },
    });
    expect(video.options).toMatchObject({
      program: "/opt/us",
      device: "/dev/video7",
      extraArguments: ["--x"],
      useSink: true,
      statePollMs: 1000,
    });
  });
});

describe("settings", () => {
  it("are collected and applied a second after the last change, by starting anew", async () => {
    const { streamer, video, clock } = await startStreamer();
    streamer.want();
    await clock.advance(0);
    streamer.setParams({ quality: 30 });
    await clock.advance(900);
    streamer.setParams({ desiredFps: 15 });
    expect(streamer.state.value.params).toMatchObject({ quality: 30, desiredFps: 15 });
    expect(streamer.state.value.applied).toMatchObject({ quality: 80 });
    await clock.advance(999);
    expect(video.runs).toHaveLength(1);
    await clock.advance(1);
    expect(video.runs.map(({ quality, desiredFps }) => [quality, desiredFps])).toEqual([
      [80, 30],
      [30, 15],
    ]);
    expect(streamer.state.value.applied).toMatchObject({ quality: 30 });
  });

  it("are kept for the next start while nobody watches", async () => {
    const { streamer, video, clock } = await startStreamer();
    streamer.setParams({ quality: 30 });
    await clock.advance(5000);
    expect(video.runs).toHaveLength(0);
    streamer.want();
    await clock.advance(0);
    expect(video.runs[0]?.quality).toBe(30);
  });

  it("outside the limits are dropped without a word", async () => {
    const { streamer, video, clock } = await startStreamer({
      config: { desiredFps: { max: 40 }, resolution: { available: ["800x600"] } },
    });
    streamer.want();
    streamer.setParams({ desiredFps: 41, resolution: "1x1" });
    await clock.advance(5000);
    expect(video.runs).toHaveLength(1);
    expect(streamer.state.value.params).toMatchObject({ desiredFps: 30, resolution: "" });
    streamer.setParams({ resolution: "800x600" });
    await clock.advance(5000);
    expect(video.runs.at(-1)?.resolution).toBe("800x600");
  });

  it("that this device does not have are refused", async () => {
    const { streamer } = await startStreamer({ config: { quality: 0 } });
    expect(() => streamer.setParams({ quality: 1 })).toThrow(StreamerQualityNotSupportedError);
    expect(() => streamer.setParams({ resolution: "1x1" })).toThrow(
      StreamerResolutionNotSupportedError,
    );
    expect(() => streamer.setParams({ h264Gop: 1 })).toThrow(StreamerH264NotSupportedError);
    expect(() => streamer.setParams({ h264Bitrate: 100 })).toThrow(StreamerH264NotSupportedError);
  });

  it("for H.264 exist where something makes it", async () => {
    const process = scriptedRunner({ ffmpeg: () => succeed("") });
    const { streamer } = await startStreamer({ process });
    expect(streamer.state.value.features.h264).toBe(true);
    streamer.setParams({ h264Gop: 10, h264Bitrate: 21 });
    expect(streamer.state.value.params).toMatchObject({ h264Gop: 10, h264Bitrate: 5000 });
  });
});

describe("reset", () => {
  it("starts anew what runs, and nothing else", async () => {
    const { streamer, video, clock } = await startStreamer();
    streamer.reset();
    await clock.advance(1000);
    expect(video.runs).toHaveLength(0);
    streamer.want();
    await clock.advance(0);
    streamer.reset();
    await clock.advance(0);
    expect(video.runs).toHaveLength(2);
  });
});

describe("snapshots", () => {
  it("start the video for as long as they need it", async () => {
    const { streamer, video, clock } = await startStreamer();
    const { frame } = await streamer.snapshot(LIVE, never);
    expect(frame).toMatchObject({ width: 640, isOnline: true });
    expect(video.isRunning).toBe(true);
    await clock.advance(10_000);
    expect(video.isRunning).toBe(false);
  });

  it("are kept on request, and forgotten", async () => {
    const { streamer } = await startStreamer();
    await streamer.snapshot({ ...LIVE, save: true }, never);
    expect(streamer.state.value.saved).toEqual({ online: true, width: 640, height: 480 });
    expect(streamer.savedSnapshot()?.frame).toEqual(fakeFrame());
    streamer.forgetSnapshot();
    expect(streamer.state.value.saved).toBeNull();
    expect(streamer.savedSnapshot()).toBeUndefined();
  });

  it("without signal are refused, unless that is allowed", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.setOnline(false);
    const failure = failureOf(streamer.snapshot(LIVE, never));
    await clock.advance(2000);
    expect(String(await failure)).toMatch(/No signal/);
    const { frame } = await streamer.snapshot(ANY, never);
    expect(frame.isOnline).toBe(false);
  });

  it("give a source that has just started time to find the signal", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.setOnline(false);
    const pending = streamer.snapshot(LIVE, never);
    await clock.advance(1500);
    video.setOnline(true);
    expect((await pending).frame.isOnline).toBe(true);
  });

  it("do not wait for a signal that has been missing for long", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.setOnline(false);
    streamer.want();
    await clock.advance(3000);
    await expect(streamer.snapshot(LIVE, never)).rejects.toThrow(StreamerUnavailableError);
  });

  it("give up when the source never answers", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.run = (_params, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    const failure = failureOf(streamer.snapshot(ANY, never));
    await clock.advance(5000);
    expect(await failure).toBeInstanceOf(StreamerUnavailableError);
  });

  it("fail at once where there is no capture program", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.run = () => {
      const message = "ustreamer is not installed";
      video.state.set({ ...NO_VIDEO, problem: { kind: "no-program", message } });
      return Promise.reject(new MissingPartError(message));
    };
    const failure = failureOf(streamer.snapshot(ANY, never));
    await clock.advance(0);
    expect(String(await failure)).toMatch(/not installed/);
  });

  it("of callers who went away end", async () => {
    const { streamer, video, clock } = await startStreamer();
    video.setOnline(false);
    const caller = new AbortController();
    const failure = failureOf(streamer.snapshot(LIVE, caller.signal));
    await clock.advance(100);
    caller.abort();
    expect(await failure).toBeInstanceOf(StreamerUnavailableError);
  });
});

describe("the condition", () => {
  it("follows the source", async () => {
    const { streamer, video, clock } = await startStreamer();
    expect(streamer.state.value.condition).toBe("stopped");
    streamer.want();
    await clock.advance(0);
    expect(streamer.state.value).toMatchObject({ condition: "ok", message: "" });
    video.setOnline(false);
    expect(streamer.state.value.condition).toBe("no-signal");
  });

  it("tells a computer that is off from a missing signal by its power light", async () => {
    const { streamer, video, clock, atx } = await startStreamer();
    video.setOnline(false);
    streamer.want();
    await clock.advance(0);
    atx.set({ ...ATX, leds: { power: false, hdd: false } });
    expect(streamer.state.value.condition).toBe("computer-off");
    atx.set({ ...ATX, enabled: false, leds: { power: false, hdd: false } });
    expect(streamer.state.value.condition).toBe("no-signal");
  });

  it("draws no conclusion from a power light that is not wired", async () => {
    const { streamer, video, clock, atx } = await startStreamer({ hasPowerLight: false });
    video.setOnline(false);
    streamer.want();
    atx.set({ ...ATX, leds: { power: false, hdd: false } });
    await clock.advance(0);
    expect(streamer.state.value.condition).toBe("no-signal");
  });

  it("names a missing device", async () => {
    const { streamer, video } = await startStreamer();
    const problem = { kind: "no-device", message: "Plug one in" } as const;
    video.state.set({ ...NO_VIDEO, problem });
    expect(streamer.state.value).toMatchObject({ condition: "no-device", message: "Plug one in" });
  });
});

describe("identity", () => {
  it("is known soon after the start", async () => {
    const { streamer } = await startStreamer();
    expect(streamer.identity.value).toEqual({
      app: "ustreamer",
      version: "1.2",
      features: { A: true },
    });
  });
});

describe("previews", () => {
  it("are made in the wanted size and quality", async () => {
    const { streamer } = await startStreamer();
    const request = { maxWidth: 320, maxHeight: 0, quality: 55 };
    const preview = await streamer.preview(fakeFrame(), request);
    expect(Buffer.from(preview).toString()).toBe("320x240 at 55");
  });
});
