import type { Unsubscribe } from "../../core/store.ts";
import type { Streamer } from "../../device/streamer/streamer.ts";
import { encodeMediaFrame } from "../../protocol/kvmd/media.ts";
import type { MediaFormat } from "../../protocol/kvmd/media.ts";

/** The part of a `ws` socket that sending needs. */
export interface MediaSocket {
  readonly readyState: number;
  readonly OPEN: number;
  send(
    data: Uint8Array,
    options: { readonly binary: boolean },
    done: (error?: Error | null) => void,
  ): void;
}

/** Pictures on their way to one client; beyond, it has to begin anew with a key frame. */
export const MAX_QUEUED = 32;

/** A picture of either format. */
interface Picture {
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

const BINARY = { binary: true } as const;

/** Everybody gets the same bytes: the header is put before a picture once. */
const framed = new WeakMap<Uint8Array, Uint8Array>();

function withHeader({ isKey, data }: Picture): Uint8Array {
  let frame = framed.get(data);
  if (frame === undefined) {
    frame = encodeMediaFrame(isKey, data);
    framed.set(data, frame);
  }
  return frame;
}

/** The pictures that one client of `/api/media/ws` gets. */
export class MediaSession {
  readonly #socket: MediaSocket;
  readonly #streamer: Pick<Streamer, "watch" | "h264">;
  readonly #isPure: boolean;
  readonly #onSent: () => void;
  #queued = 0;
  #needsKey = true;
  #isFull = false;
  #newest: Picture | undefined;
  #stop: Unsubscribe = () => undefined;

  /** `isPure`: the bytes of the pictures alone, without headers. */
  constructor(
    socket: MediaSocket,
    streamer: Pick<Streamer, "watch" | "h264">,
    options: { readonly isPure: boolean },
  ) {
    this.#socket = socket;
    this.#streamer = streamer;
    this.#isPure = options.isPure;
    this.#onSent = () => {
      this.#queued -= 1;
      const newest = this.#newest;
      if (this.#queued > 0 || newest === undefined) return;
      this.#newest = undefined;
      this.#send(newest);
    };
  }

  /** Begins with one format, or changes to the other. */
  start(format: MediaFormat): void {
    this.close();
    this.#needsKey = true;
    this.#stop =
      format === "h264"
        ? this.#streamer.h264.watch((unit) => this.#takeUnit(unit))
        : this.#streamer.watch(({ jpeg }) => this.#takeNewest({ isKey: true, data: jpeg }));
  }

  requestKey(): void {
    this.#streamer.h264.requestKey();
  }

  close(): void {
    this.#stop();
    this.#stop = () => undefined;
    this.#newest = undefined;
  }

  /** Pictures that build on each other: all, in order, or none up to the next key frame. */
  #takeUnit(unit: Picture): void {
    if (this.#queued >= MAX_QUEUED) {
      if (!this.#isFull) this.requestKey();
      this.#isFull = true;
      this.#needsKey = true;
      return;
    }
    // A client that was behind first gets through what is on its way.
    if (this.#isFull && this.#queued > 0) return;
    this.#isFull = false;
    if (this.#needsKey && !unit.isKey) return;
    this.#needsKey = false;
    this.#send(unit);
  }

  /** Complete pictures: the newest, whenever the client has taken the one before. */
  #takeNewest(picture: Picture): void {
    if (this.#queued === 0) this.#send(picture);
    else this.#newest = picture;
  }

  #send(picture: Picture): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#queued += 1;
    this.#socket.send(this.#isPure ? picture.data : withHeader(picture), BINARY, this.#onSent);
  }
}
