import type { StreamerConfig } from "../../config/schema.ts";
import { describeError } from "../../core/errors.ts";
import { createStore } from "../../core/store.ts";
import type { Store } from "../../core/store.ts";
import type { PictureBox, PictureTools } from "../../platform/picture/port.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type { VideoFrame } from "../../platform/video/port.ts";
import { OcrError } from "./streamer-errors.ts";

export interface OcrState {
  readonly enabled: boolean;
  readonly defaultLanguages: readonly string[];
  readonly languages: readonly string[];
}

export interface OcrOptions {
  readonly config: StreamerConfig["ocr"];
  readonly process: ProcessRunner;
  readonly pictures: PictureTools;
}

/** Reads text from pictures with tesseract. */
export interface Ocr {
  readonly state: Store<OcrState>;
  /** Looks whether the program is there, once; later calls wait for the same answer. Never rejects. */
  look(): Promise<OcrState>;
  /**
   * The text in a part of the picture; the edges in pixels, -1 for the picture's own. Rejects with `OcrError` when
   * there is no text recognition or it fails, and when a language is not installed.
   */
  read(
    frame: VideoFrame,
    box: PictureBox,
    languages: readonly string[],
    signal: AbortSignal,
  ): Promise<string>;
}

const TIMEOUT_MS = 60_000;
const OFF: OcrState = { enabled: false, defaultLanguages: [], languages: [] };

/** Lines after the heading of `tesseract --list-langs`. */
function parseLanguages(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .toSorted();
}

/** The wanted part within the picture; an empty one is the whole picture. */
function partOf(frame: VideoFrame, box: PictureBox): PictureBox {
  const edge = (value: number, fallback: number): number =>
    value < 0 ? fallback : Math.min(value, fallback === 0 ? value : fallback);
  const part = {
    left: edge(box.left, 0),
    top: edge(box.top, 0),
    right: edge(box.right, frame.width),
    bottom: edge(box.bottom, frame.height),
  };
  if (part.left < part.right && part.top < part.bottom) return part;
  return { left: 0, top: 0, right: frame.width, bottom: frame.height };
}

export function createOcr({ config, process, pictures }: OcrOptions): Ocr {
  const store = createStore<OcrState>(OFF);
  let looking: Promise<OcrState> | undefined;

  const ask = async (): Promise<OcrState> => {
    if (!config.enabled) return OFF;
    try {
      const { stdout, exitCode } = await process.run(config.command, ["--list-langs"]);
      const languages = parseLanguages(stdout);
      if (exitCode !== 0 || languages.length === 0) return OFF;
      const defaultLanguages = config.languages.filter((name) => languages.includes(name));
      return { enabled: true, defaultLanguages, languages };
    } catch {
      return OFF;
    }
  };

  const look = (): Promise<OcrState> => {
    looking ??= ask().then((state) => {
      store.set(state);
      return state;
    });
    return looking;
  };

  return {
    state: store,
    look,
    async read(frame, box, languages, signal) {
      const state = await look();
      if (!state.enabled) throw new OcrError("OCR is not available");
      const unknown = languages.find((name) => !state.languages.includes(name));
      if (unknown !== undefined) throw new OcrError(`The language '${unknown}' is not installed`);
      const wanted = languages.length > 0 ? languages : state.defaultLanguages;
      try {
        const input = await pictures.cutGray(frame.jpeg, partOf(frame, box));
        const args = ["stdin", "stdout", "-l", wanted.join("+")];
        const options = { input, signal, timeoutMs: TIMEOUT_MS };
        const { stdout, stderr, exitCode } = await process.run(config.command, args, options);
        if (exitCode !== 0) throw new OcrError(`OCR failed: ${stderr.trim().slice(0, 200)}`);
        return stdout;
      } catch (error) {
        if (error instanceof OcrError) throw error;
        throw new OcrError(`OCR failed: ${describeError(error)}`, { cause: error });
      }
    },
  };
}
