import { describe, expect, it } from "vitest";
import { fakeFrame, fakeStreamerState, NO_VIDEO } from "../../support/fake-video.ts";
import { scriptedRunner, succeed } from "../../support/scripted-runner.ts";
import { startStreamer } from "../../support/streamer-fixture.ts";

const SINK = "farhand.h264";
const FAILED = { exitCode: 1, stdout: "", stderr: "no such encoder" };

/** ustreamer-dump, and an ffmpeg with software encoding only. */
const programs = () =>
  scriptedRunner({
    "ustreamer-dump": () => succeed(""),
    ffmpeg: (args) => (args.includes("h264_v4l2m2m") ? FAILED : succeed("")),
  });

function dumped(isKey: boolean, text: string): string {
  const data = Buffer.from(text).toString("base64");
  return `${JSON.stringify({ key: isKey ? 1 : 0, online: 1, width: 1, height: 1, data })}\n`;
}

async function setUp(hasSink: boolean) {
  const process = programs();
  const fixture = await startStreamer({ process, config: { h264: { gop: { default: 12 } } } });
  fixture.streamer.want();
  await fixture.clock.advance(0);
  if (hasSink) {
    fixture.video.state.set({ ...NO_VIDEO, streamer: fakeStreamerState(true), h264Sink: SINK });
  }
  const units: string[] = [];
  const take = ({ isKey, data }: { isKey: boolean; data: Uint8Array }): void =>
    void units.push(`${isKey ? "key" : "delta"} ${Buffer.from(data).toString()}`);
  return { ...fixture, process, units, take };
}

describe("H.264 from ustreamer's sink", () => {
  it("is read while somebody takes it", async () => {
    const { streamer, clock, process, units, take } = await setUp(true);
    expect(process.children).toHaveLength(0);
    const stop = streamer.h264.watch(take);
    await clock.advance(0);
    const [child] = process.children;
    expect([child?.command, child?.args[0]]).toEqual(["ustreamer-dump", `--sink=${SINK}`]);
    stop();
    await clock.advance(999);
    expect(child?.wasKilled).toBe(false);
    await clock.advance(1);
    expect(child?.wasKilled).toBe(true);
    expect(units).toEqual([]);
  });

  it("begins with a key frame, for newcomers too", async () => {
    const { streamer, clock, process, units, take } = await setUp(true);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    const [child] = process.children;
    const line = dumped(true, "one");
    child?.emitStdout(dumped(false, "early"));
    child?.emitStdout(line.slice(0, 10));
    child?.emitStdout(line.slice(10) + dumped(false, "two"));
    streamer.h264.watch(take);
    child?.emitStdout(dumped(false, "three"));
    expect(units).toEqual(["key one", "delta two", "delta three"]);
    expect(process.children).toHaveLength(1);
  });

  it("is read again a second after reading ended by itself", async () => {
    const { streamer, clock, process } = await setUp(true);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    process.children[0]?.exit(1);
    await clock.advance(999);
    expect(process.children).toHaveLength(1);
    await clock.advance(1);
    expect(process.children).toHaveLength(2);
  });

  it("gives way to ffmpeg when nothing comes out of it", async () => {
    const { streamer, clock, process } = await setUp(true);
    streamer.h264.watch(() => undefined);
    await clock.advance(4999);
    expect(process.children.map(({ command }) => command)).toEqual(["ustreamer-dump"]);
    await clock.advance(1001);
    expect(process.children[0]?.wasKilled).toBe(true);
    expect(process.children.at(-1)?.command).toBe("ffmpeg");
  });

  it("stays in use once something has come out of it", async () => {
    const { streamer, clock, process } = await setUp(true);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    process.children[0]?.emitStdout(dumped(true, "one"));
    await clock.advance(60_000);
    expect(process.children).toHaveLength(1);
  });

  it("is asked for a key frame by a reader of its own", async () => {
    const { streamer, clock, process } = await setUp(true);
    streamer.h264.requestKey();
    await clock.advance(0);
    expect(process.runs.at(-1)?.args).toEqual([`--sink=${SINK}`, "--key-required", "--count=1"]);
  });
});

describe("H.264 from ffmpeg", () => {
  it("uses the first encoder that works, with the settings", async () => {
    const { streamer, clock, process } = await setUp(false);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    const line = process.children[0]?.args.join(" ");
    expect(line).toContain("-c:v libx264");
    expect(line).toContain("-b:v 5000k");
    expect(line).toContain("-g 12 ");
  });

  it("starts anew with changed settings", async () => {
    const { streamer, clock, process } = await setUp(false);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    streamer.setParams({ h264Bitrate: 900 });
    await clock.advance(2000);
    expect(process.children[0]?.wasKilled).toBe(true);
    expect(process.children.at(-1)?.args.join(" ")).toContain("-b:v 900k");
  });

  it("begins a new stream when the picture changes its size", async () => {
    const { streamer, video, clock, process } = await setUp(false);
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    video.frames.emit(fakeFrame());
    expect(process.children[0]?.wasKilled).toBe(false);
    video.frames.emit(fakeFrame({ width: 800 }));
    await clock.advance(1000);
    expect(process.children[0]?.wasKilled).toBe(true);
    expect(process.children).toHaveLength(2);
  });

  it("is possible only where there is an encoder", async () => {
    const process = scriptedRunner({ ffmpeg: () => FAILED });
    const { streamer, clock } = await startStreamer({ process });
    expect(streamer.h264.isPossible.value).toBe(true);
    streamer.want();
    streamer.h264.watch(() => undefined);
    await clock.advance(0);
    expect(streamer.h264.isPossible.value).toBe(false);
    expect(streamer.state.value.features.h264).toBe(false);
  });

  it("is not looked for where it is switched off", async () => {
    const process = programs();
    const { streamer } = await startStreamer({ process, config: { h264: { encoder: "off" } } });
    expect(streamer.state.value.features.h264).toBe(false);
  });
});
