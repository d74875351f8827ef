import { isAborted } from "../../core/abort.ts";
import { MissingPartError } from "../../core/errors.ts";
import type { ChildProcessHandle, ProcessRunner } from "../../platform/process/port.ts";
import { VideoUnavailableError } from "../../platform/video/port.ts";
import type { VideoFrame, VideoSource } from "../../platform/video/port.ts";
import { FlvParser } from "../../protocol/h264/flv.ts";
import type { AccessUnit } from "../../protocol/h264/flv.ts";

/** An H.264 encoder of ffmpeg that works on this machine. */
export interface FfmpegEncoder {
  readonly program: string;
  readonly name: string;
  readonly options: readonly string[];
}

const words = (text: string): readonly string[] => text.split(" ");

/** In order of preference: the board's own encoder, then software that any browser's decoder takes. */
const CANDIDATES: readonly Omit<FfmpegEncoder, "program">[] = [
  { name: "h264_v4l2m2m", options: words("-c:v h264_v4l2m2m -num_capture_buffers 16") },
  {
    name: "libx264",
    options: words("-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline"),
  },
];
const TRIAL_TIMEOUT_MS = 15_000;
/** A static picture may have few frames: key frames are forced by time as well. */
const KEY_EVERY_SECONDS = 2;
const DEFAULT_GOP = 60;
const QUIET = words("-hide_banner -loglevel error");
const TRIAL_INPUT = words("-f lavfi -i testsrc=size=640x480:rate=10 -frames:v 3");
/** Pictures are stamped when they come in, and nothing is held back to look at it. */
const INPUT = words(
  "-fflags nobuffer -flags low_delay -probesize 32 -analyzeduration 0 -use_wallclock_as_timestamps 1 -f mpjpeg -i pipe:0",
);
/** Encoders take even sizes only. */
const FILTER = words(
  "-an -vsync passthrough -vf crop=trunc(iw/2)*2:trunc(ih/2)*2 -pix_fmt yuv420p",
);
const OUTPUT = words("-f flv -flvflags no_duration_filesize -flush_packets 1 pipe:1");

/** Tries the encoders out. Rejects with `MissingPartError` when there is none. */
export async function findFfmpegEncoder(
  process: ProcessRunner,
  program: string,
): Promise<FfmpegEncoder> {
  for (const candidate of CANDIDATES) {
    const output = words("-pix_fmt yuv420p -f null -");
    const args = [...QUIET, ...TRIAL_INPUT, ...candidate.options, ...output];
    const { exitCode } = await process.run(program, args, { timeoutMs: TRIAL_TIMEOUT_MS });
    if (exitCode === 0) return { program, ...candidate };
  }
  throw new MissingPartError(`${program} has no H.264 encoder; install one with libx264`);
}

export interface FfmpegOptions {
  readonly process: ProcessRunner;
  readonly encoder: FfmpegEncoder;
  readonly source: Pick<VideoSource, "watch">;
  readonly bitrateKbps: number;
  readonly gop: number;
  readonly onUnit: (unit: AccessUnit) => void;
}

function argumentsFor({ encoder, bitrateKbps, gop }: FfmpegOptions): readonly string[] {
  const rate = `${bitrateKbps}k`;
  const group = String(gop > 0 ? gop : DEFAULT_GOP);
  return [
    ...QUIET,
    ...INPUT,
    ...FILTER,
    ...encoder.options,
    ...words(`-b:v ${rate} -maxrate ${rate} -bufsize ${rate} -bf 0 -g ${group}`),
    ...words(`-force_key_frames expr:gte(t,n_forced*${KEY_EVERY_SECONDS})`),
    ...OUTPUT,
  ];
}

const encoder = new TextEncoder();
const TAIL = encoder.encode("\r\n");

function headOf(length: number): Uint8Array {
  return encoder.encode(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${length}\r\n\r\n`);
}

/** Gives the newest picture to the program whenever it has taken the one before. */
class PictureFeeder {
  readonly #child: ChildProcessHandle;
  readonly #onResized: () => void;
  #next: VideoFrame | undefined;
  #isBusy = false;
  #size = "";

  constructor(child: ChildProcessHandle, onResized: () => void) {
    this.#child = child;
    this.#onResized = onResized;
  }

  offer(frame: VideoFrame): void {
    const size = `${frame.width}x${frame.height}`;
    if (this.#size !== "" && this.#size !== size) {
      this.#onResized();
      return;
    }
    this.#size = size;
    this.#next = frame;
    if (!this.#isBusy) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#isBusy = true;
    try {
      for (let frame = this.#take(); frame !== undefined; frame = this.#take()) {
        const { jpeg } = frame;
        await Promise.all(
          [headOf(jpeg.length), jpeg, TAIL].map((bytes) => this.#child.write(bytes)),
        );
      }
    } catch {
      // The program has ended; whoever waits for its end says so.
    }
    this.#isBusy = false;
  }

  #take(): VideoFrame | undefined {
    const frame = this.#next;
    this.#next = undefined;
    return frame;
  }
}

/**
 * Encodes the pictures of a source until aborted. Returns too when the size of the pictures changes, because a stream
 * has one size. Rejects with `VideoUnavailableError` when the program ends by itself.
 */
export async function encodeWithFfmpeg(options: FfmpegOptions, signal: AbortSignal): Promise<void> {
  const { process, source, onUnit } = options;
  const child = await process.spawn(options.encoder.program, argumentsFor(options));
  const stopped = new AbortController();
  let complaint = "";
  const stop = (): void => {
    stopped.abort();
    void child.kill();
  };
  child.onStderr((bytes) => {
    complaint = (complaint + new TextDecoder().decode(bytes)).slice(-300);
  });
  const parser = new FlvParser(onUnit);
  child.onStdout((bytes) => {
    try {
      parser.push(bytes);
    } catch (error) {
      complaint = String(error);
      void child.kill();
    }
  });
  const feeder = new PictureFeeder(child, stop);
  const unwatch = source.watch((frame) => feeder.offer(frame));
  signal.addEventListener("abort", stop, { once: true });
  if (isAborted(signal)) stop();
  await child.exited;
  unwatch();
  signal.removeEventListener("abort", stop);
  if (isAborted(stopped.signal)) return;
  throw new VideoUnavailableError(`ffmpeg ended: ${complaint.trim()}`);
}
