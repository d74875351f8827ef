import type { Clock } from "../../core/clock.ts";
import type { VideoFrame } from "../../platform/video/port.ts";
import { partHead, partTail } from "../../protocol/ustreamer/multipart-writer.ts";
import type { StreamOptions } from "../../protocol/ustreamer/multipart-writer.ts";
import type { StreamClientStat } from "../../protocol/ustreamer/state.ts";

/** The part of an HTTP response that a picture stream needs. */
export interface PictureSink {
  cork(): void;
  uncork(): void;
  write(chunk: string | Uint8Array, done?: (error?: Error | null) => void): boolean;
  end(): void;
  destroy(): void;
}

/** A reader that takes nothing for this long is gone. */
export const STUCK_AFTER_MS = 10_000;
/** A picture that nothing follows is repeated after this time for readers that need it twice. */
const FINAL_AFTER_MS = 100;

/**
 * One reader of the picture stream. It is sent a picture only when it has taken the one before, and then the newest: a
 * slow reader skips pictures and costs no memory. The bytes of a picture are never copied.
 */
export class StreamViewer {
  readonly #sink: PictureSink;
  readonly #options: StreamOptions;
  readonly #clock: Clock;
  readonly #onWritten: (error?: Error | null) => void;
  #next: VideoFrame | undefined;
  #last: VideoFrame | undefined;
  #isBusy = false;
  #busySince = 0;
  #skipped = 0;
  #sent = 0;
  #fps = 0;
  #cancelFinal = (): void => undefined;

  constructor(sink: PictureSink, options: StreamOptions, clock: Clock) {
    this.#sink = sink;
    this.#options = options;
    this.#clock = clock;
    this.#onWritten = (error) => {
      this.#isBusy = false;
      if (error !== undefined && error !== null) return;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) this.#send(next);
    };
  }

  get stat(): StreamClientStat {
    const { key, extraHeaders, advanceHeaders, dualFinalFrames, zeroData } = this.#options;
    return {
      fps: this.#fps,
      extra_headers: extraHeaders,
      advance_headers: advanceHeaders,
      dual_final_frames: dualFinalFrames,
      zero_data: zeroData,
      key: key === "" ? "0" : key,
    };
  }

  offer(frame: VideoFrame): void {
    this.#cancelFinal();
    if (!this.#isBusy) {
      this.#send(frame);
      return;
    }
    if (this.#next !== undefined) this.#skipped += 1;
    this.#next = frame;
  }

  /** Counts a second; false when the reader is stuck. */
  tick(): boolean {
    this.#fps = this.#sent;
    this.#sent = 0;
    return !this.#isBusy || this.#clock.monotonic() - this.#busySince < STUCK_AFTER_MS;
  }

  /** The reader is gone. */
  close(): void {
    this.#cancelFinal();
    this.#next = undefined;
    this.#last = undefined;
  }

  /** Ends the answer; at once when the reader does not read. */
  end(): void {
    this.close();
    if (this.#isBusy) this.#sink.destroy();
    else this.#sink.end();
  }

  #send(frame: VideoFrame): void {
    const options = this.#options;
    const now = this.#clock.now();
    const { jpeg, isOnline, width, height, timings } = frame;
    const facts = {
      isOnline,
      width,
      height,
      timings,
      dropped: this.#skipped,
      clientFps: this.#fps,
    };
    const head = partHead(options, jpeg.length, now, facts);
    this.#isBusy = true;
    this.#busySince = this.#clock.monotonic();
    this.#skipped = 0;
    this.#sent += 1;
    // One system call for the whole part.
    this.#sink.cork();
    if (head !== "") this.#sink.write(head);
    if (!options.zeroData) this.#sink.write(jpeg);
    this.#sink.write(partTail(options, now), this.#onWritten);
    this.#sink.uncork();
    if (options.dualFinalFrames) this.#repeatLater(frame);
  }

  #repeatLater(frame: VideoFrame): void {
    if (this.#last === frame) return;
    this.#last = frame;
    this.#cancelFinal = this.#clock.setTimer(FINAL_AFTER_MS, () => this.offer(frame));
  }
}
