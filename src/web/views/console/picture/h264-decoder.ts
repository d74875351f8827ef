import type { DecoderOptions, PictureDecoder } from "./decoder.ts";

/** More than this in the decoder, and it is behind: it starts anew with a key frame. */
const MAX_QUEUED = 12;
/** So many pictures without any to show mean that it will not work, either. */
const MAX_SILENT = 90;
/** So many failures in a row mean that it will not work. */
const MAX_FAILURES = 3;

const configOf = (profile: string): VideoDecoderConfig => ({
  codec: `avc1.${profile}`,
  optimizeForLatency: true,
});

/** Whether this browser decodes such a stream here. */
export async function canDecodeH264(profile: string): Promise<boolean> {
  if (!("VideoDecoder" in globalThis)) return false;
  try {
    const { supported } = await VideoDecoder.isConfigSupported(configOf(profile));
    return supported === true;
  } catch {
    return false;
  }
}

/** Pictures that build on each other, as an Annex B stream. */
class H264Decoder implements PictureDecoder {
  readonly #config: VideoDecoderConfig;
  readonly #options: DecoderOptions;
  #decoder: VideoDecoder;
  #needsKey = true;
  #failures = 0;
  #silent = 0;
  #time = 0;

  constructor(profile: string, options: DecoderOptions) {
    this.#config = configOf(profile);
    this.#options = options;
    this.#decoder = this.#open();
  }

  readonly take = (bytes: Uint8Array, isKey: boolean): void => {
    if (this.#decoder.state === "closed") return;
    if (this.#decoder.decodeQueueSize > MAX_QUEUED && !isKey) {
      this.#startAnew();
      return;
    }
    if (this.#needsKey && !isKey) return;
    this.#needsKey = false;
    this.#silent += 1;
    if (this.#silent > MAX_SILENT) {
      this.#options.onFailure(false);
      return;
    }
    this.#time += 1;
    const chunk = { type: isKey ? "key" : "delta", timestamp: this.#time, data: bytes } as const;
    this.#decoder.decode(new EncodedVideoChunk(chunk));
  };

  readonly close = (): void => {
    if (this.#decoder.state !== "closed") this.#decoder.close();
  };

  #open(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        this.#failures = 0;
        this.#silent = 0;
        const { displayWidth, displayHeight } = frame;
        this.#options.onPicture({ width: displayWidth, height: displayHeight, source: frame });
        frame.close();
      },
      error: () => this.#fail(),
    });
    decoder.configure(this.#config);
    return decoder;
  }

  #startAnew(): void {
    this.#decoder.reset();
    this.#decoder.configure(this.#config);
    this.#needsKey = true;
    this.#options.onFailure(true);
  }

  #fail(): void {
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) {
      this.#options.onFailure(false);
      return;
    }
    this.#decoder = this.#open();
    this.#needsKey = true;
    this.#options.onFailure(true);
  }
}

export function createH264Decoder(profile: string, options: DecoderOptions): PictureDecoder {
  return new H264Decoder(profile, options);
}
