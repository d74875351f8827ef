import { signal } from "@preact/signals";
import { put } from "../../../lib/put.ts";
import { isObject, objectOf, parseJson, textOf } from "../../../lib/json.ts";
import { LiveSocket } from "../../../lib/live-socket.ts";
import { PING } from "../input/frames.ts";
import { createH264Decoder, canDecodeH264 } from "./h264-decoder.ts";
import type { DecoderOptions, Drawable, PictureDecoder } from "./decoder.ts";
import { createJpegDecoder } from "./jpeg-decoder.ts";

export type VideoMode = "h264" | "jpeg";

const VIDEO = 1;
const WANT_KEY = Uint8Array.of(1);
const FPS_EVERY_MS = 1000;

/** What is on the screen now. */
export const picture = {
  mode: signal<VideoMode | undefined>(undefined),
  width: signal(0),
  height: signal(0),
  fps: signal(0),
  /** From here to the device and back, on the way that the pictures take. */
  roundTripMs: signal<number | undefined>(undefined),
  /** Whether any was drawn since the connection began. */
  isThere: signal(false),
};

/** Receives the picture over `/api/media/ws` (PiKVM API 6.2) and draws it. */
export class PictureFeed {
  readonly #socket: LiveSocket;
  readonly #wanted: VideoMode | "auto";
  readonly #draw: (picture: Drawable) => void;
  readonly #counter: ReturnType<typeof setInterval>;
  #decoder: PictureDecoder | undefined;
  #h264Broke = false;
  #drawn = 0;

  constructor(wanted: VideoMode | "auto", draw: (picture: Drawable) => void) {
    this.#wanted = wanted;
    this.#draw = draw;
    this.#socket = new LiveSocket({
      path: "/api/media/ws",
      ping: PING,
      onText: (text) => void this.#choose(text),
      onBytes: (bytes) => {
        if (bytes[0] === VIDEO) this.#decoder?.take(bytes.subarray(2), bytes[1] === 1);
      },
      onGone: () => this.#stop(),
    });
    this.#socket.roundTripMs.subscribe((ms) => put(picture.roundTripMs, ms));
    this.#counter = setInterval(() => {
      picture.fps.value = this.#drawn;
      this.#drawn = 0;
    }, FPS_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#counter);
    this.#socket.close();
    this.#stop();
    picture.mode.value = undefined;
    picture.fps.value = 0;
    picture.roundTripMs.value = undefined;
  }

  #stop(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    picture.isThere.value = false;
  }

  async #choose(text: string): Promise<void> {
    const { event_type: type, event } = objectOf(parseJson(text));
    if (type !== "media") return;
    const offered = objectOf(objectOf(event)["video"]);
    const h264 = isObject(offered["h264"]) ? textOf(offered["h264"]["profile_level_id"]) : "";
    const mayH264 = this.#wanted !== "jpeg" && !this.#h264Broke && h264 !== "";
    if (mayH264 && (await canDecodeH264(h264))) this.#start("h264", h264);
    else this.#start("jpeg", "");
  }

  #start(mode: VideoMode, profile: string): void {
    this.#stop();
    const options: DecoderOptions = {
      onPicture: (drawable) => this.#show(drawable),
      onFailure: (canRetry) => {
        if (canRetry) {
          this.#socket.send(WANT_KEY);
          return;
        }
        this.#h264Broke = true;
        this.#start("jpeg", "");
      },
    };
    this.#decoder =
      mode === "h264" ? createH264Decoder(profile, options) : createJpegDecoder(options);
    picture.mode.value = mode;
    this.#socket.send(
      JSON.stringify({ event_type: "start", event: { type: "video", format: mode } }),
    );
  }

  #show(drawable: Drawable): void {
    this.#drawn += 1;
    this.#draw(drawable);
    picture.width.value = drawable.width;
    picture.height.value = drawable.height;
    picture.isThere.value = true;
  }
}

/** Whether this browser and page may use H.264 at all; it takes a connection that the browser calls secure. */
export const hasWebCodecs = (): boolean => "VideoDecoder" in globalThis;
