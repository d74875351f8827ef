/**
 * `VideoSource` over a supervised ustreamer process (hardware facts 6.1 to 6.3): one unix socket for its HTTP interface,
 * the state polled, and one connection to its picture stream for all listeners together. Its signal to the parent
 * (`--notify-parent`) is not used: the stream tells of a lost signal sooner.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAborted } from "../../core/abort.ts";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { describeError, MissingPartError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { createStore, until } from "../../core/store.ts";
import type { Store, Unsubscribe } from "../../core/store.ts";
import { parseAbilities, ustreamerArguments } from "../../protocol/ustreamer/known-options.ts";
import type { UstreamerAbilities } from "../../protocol/ustreamer/known-options.ts";
import type { PartHeaders } from "../../protocol/ustreamer/multipart-parser.ts";
import { parseStateReply } from "../../protocol/ustreamer/state.ts";
import type { FileStore } from "../files/port.ts";
import type { ProcessRunner } from "../process/port.ts";
import { FrameFanOut } from "../video/frame-fan-out.ts";
import { VideoUnavailableError } from "../video/port.ts";
import type {
  VideoFrame,
  VideoIdentity,
  VideoOptions,
  VideoParams,
  VideoProblem,
  VideoSnapshot,
  VideoSource,
  VideoSourceState,
} from "../video/port.ts";
import { findCaptureDevice } from "./capture-device.ts";
import type { CaptureDevice } from "./capture-device.ts";
import { fetchOnce, readStream } from "./ustreamer-http.ts";
import { frameOf, lastLines, snapshotHeaders } from "./ustreamer-frame.ts";

export interface UstreamerSourceParts {
  readonly process: ProcessRunner;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** While it starts it is asked this often whether it answers. */
const STARTING_POLL_MS = 50;
const RECONNECT_MS = 200;
const REPLY_TIMEOUT_MS = 2000;
const SNAPSHOT_TIMEOUT_MS = 5000;
const KILL_AFTER_MS = 1000;
/** The hardware encoder of Raspberry Pi boards. */
const M2M_ENCODER = "/dev/video11";

/** What every capture stick has; without a word about it the program would take 640x480. */
const STICK_RESOLUTION = "1280x720";

const STOPPED: VideoSourceState = { streamer: null, h264Sink: null, problem: null };
const NO_DEVICE: VideoProblem = {
  kind: "no-device",
  message: "No capture device; plug in an HDMI capture stick or enable the overlay of a CSI bridge",
};

class UstreamerSource implements VideoSource {
  readonly #options: VideoOptions;
  readonly #parts: UstreamerSourceParts;
  readonly #store = createStore<VideoSourceState>(STOPPED);
  readonly #frames = new FrameFanOut();
  readonly #sink = `farhand-${randomBytes(6).toString("hex")}.h264`;
  #abilities: Promise<UstreamerAbilities> | undefined;
  #socketPath: string | undefined;

  constructor(options: VideoOptions, parts: UstreamerSourceParts) {
    this.#options = options;
    this.#parts = parts;
  }

  get state(): Store<VideoSourceState> {
    return this.#store;
  }

  async identify(): Promise<VideoIdentity> {
    try {
      const { version, features } = await this.#probe();
      return { app: "ustreamer", version, features };
    } catch {
      return { app: "ustreamer", version: "", features: {} };
    }
  }

  watch(listener: (frame: VideoFrame) => void): Unsubscribe {
    return this.#frames.watch(listener);
  }

  async snapshot(signal: AbortSignal): Promise<VideoSnapshot> {
    if (this.#socketPath === undefined) throw new VideoUnavailableError();
    const options = { signal, timeoutMs: SNAPSHOT_TIMEOUT_MS };
    const { headers, body } = await fetchOnce(this.#socketPath, "/snapshot", options);
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    const frame = frameOf(new Map(texts), body, this.#parts.clock.now());
    return { frame, headers: snapshotHeaders(texts) };
  }

  async run(params: VideoParams, signal: AbortSignal): Promise<void> {
    try {
      const abilities = await this.#probe();
      const device = await findCaptureDevice(this.#parts.files, this.#options.device);
      const folder = await mkdtemp(join(tmpdir(), "farhand-video-"));
      try {
        const socketPath = join(folder, "ustreamer.sock");
        const args = this.#arguments(params, { socketPath, device, abilities });
        await this.#supervise({ args, socketPath, device, signal });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    } catch (error) {
      if (!isAborted(signal)) this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    const kind = error instanceof MissingPartError ? "no-program" : "failed";
    this.#store.set({ ...STOPPED, problem: { kind, message: describeError(error) } });
  }

  #probe(): Promise<UstreamerAbilities> {
    this.#abilities ??= this.#ask().catch((error: unknown) => {
      // It may be installed while this process runs.
      this.#abilities = undefined;
      throw error;
    });
    return this.#abilities;
  }

  async #ask(): Promise<UstreamerAbilities> {
    const { process } = this.#parts;
    const { program } = this.#options;
    const [version, help, features] = await Promise.all(
      ["--version", "--help", "--features"].map(async (flag) => {
        const { stdout, stderr } = await process.run(program, [flag]);
        return stdout === "" ? stderr : stdout;
      }),
    );
    return parseAbilities({ version: version ?? "", help: help ?? "", features: features ?? "" });
  }

  #hasSink(abilities: UstreamerAbilities): boolean {
    if (!this.#options.useSink || !abilities.options.has("h264-sink")) return false;
    return this.#parts.files.fingerprint(M2M_ENCODER) !== undefined;
  }

  #arguments(
    params: VideoParams,
    found: {
      readonly socketPath: string;
      readonly device: CaptureDevice | undefined;
      readonly abilities: UstreamerAbilities;
    },
  ): readonly string[] {
    const { format, encoder, dvTimings, dropSameFrames, slowdown, extraArguments } = this.#options;
    const { socketPath, device, abilities } = found;
    const isCsi = device?.kind === "csi";
    const h264 = this.#hasSink(abilities)
      ? { sink: this.#sink, bitrateKbps: params.h264BitrateKbps, gop: params.h264Gop }
      : undefined;
    return ustreamerArguments(
      {
        socketPath,
        device: device?.path ?? "/dev/video0",
        format: format === "auto" ? (isCsi ? "uyvy" : "mjpeg") : format,
        encoder: encoder === "auto" ? (isCsi ? "m2m-image" : "hw") : encoder,
        resolution: isCsi ? params.resolution : params.resolution || STICK_RESOLUTION,
        useDvTimings: dvTimings === "auto" ? isCsi : dvTimings,
        quality: params.quality,
        desiredFps: params.desiredFps,
        dropSameFrames,
        slowdown,
        h264,
        extraArguments,
      },
      abilities,
    );
  }

  async #supervise(run: {
    readonly args: readonly string[];
    readonly socketPath: string;
    readonly device: CaptureDevice | undefined;
    readonly signal: AbortSignal;
  }): Promise<void> {
    const { process, log } = this.#parts;
    const { args, socketPath, device, signal } = run;
    const child = await process.spawn(this.#options.program, args);
    log.info({ pid: child.pid, args }, "video capture started");
    const tail = lastLines(child, log);
    const ended = new AbortController();
    const onAbort = (): void => void child.kill(KILL_AFTER_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    if (isAborted(signal)) onAbort();
    this.#socketPath = socketPath;
    const session = AbortSignal.any([signal, ended.signal]);
    const tasks = Promise.allSettled([
      this.#poll(socketPath, device, session),
      this.#stream(socketPath, session),
    ]);
    const { exitCode, signal: endedBy } = await child.exited;
    signal.removeEventListener("abort", onAbort);
    this.#socketPath = undefined;
    ended.abort();
    await tasks;
    this.#store.set(STOPPED);
    if (isAborted(signal)) return;
    const status = exitCode ?? endedBy ?? "unknown";
    throw new VideoUnavailableError(`ustreamer ended with status ${status}: ${tail()}`);
  }

  async #poll(
    socketPath: string,
    device: CaptureDevice | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, files } = this.#parts;
    const abilities = await this.#probe();
    const h264Sink = this.#hasSink(abilities) ? this.#sink : null;
    const options = { signal, timeoutMs: REPLY_TIMEOUT_MS };
    while (!isAborted(signal)) {
      const reply = await fetchOnce(socketPath, "/state", options).catch(() => undefined);
      const streamer = parseStateReply(reply?.body.toString("utf8") ?? "") ?? null;
      const isPresent = device !== undefined && files.fingerprint(device.path) !== undefined;
      if (!isAborted(signal)) {
        this.#store.set({ streamer, h264Sink, problem: isPresent ? null : NO_DEVICE });
      }
      const delayMs = streamer === null ? STARTING_POLL_MS : this.#options.statePollMs;
      await sleep(clock, delayMs, signal).catch(() => undefined);
    }
  }

  /** Holds the one connection to the picture stream while somebody watches. */
  async #stream(socketPath: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const onPart = (headers: PartHeaders, body: Uint8Array): void => {
      if (body.length > 0) this.#frames.emit(frameOf(headers, body, clock.now()));
    };
    while (!isAborted(signal)) {
      await until(this.#frames.watched, (isWatched) => isWatched, signal);
      const unwatched = new AbortController();
      const stop = this.#frames.watched.subscribe(() => {
        unwatched.abort();
      });
      const reading = AbortSignal.any([signal, unwatched.signal]);
      await readStream(socketPath, reading, onPart).catch((error: unknown) => {
        if (!reading.aborted) log.debug({ reason: describeError(error) }, "picture stream lost");
      });
      stop();
      await sleep(clock, unwatched.signal.aborted ? 0 : RECONNECT_MS, signal);
    }
  }
}

/** Pictures from an installed ustreamer; the program is looked at when first used. */
export function createUstreamerSource(
  options: VideoOptions,
  parts: UstreamerSourceParts,
): VideoSource {
  return new UstreamerSource(options, parts);
}
