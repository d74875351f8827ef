import { sleep } from "../../core/clock.ts";
import { ValidationError } from "../../core/errors.ts";
import type { Layout } from "../../protocol/hid/layout.ts";
import { layoutNameOf, loadLayout } from "../../protocol/hid/layout-loader.ts";
import { webKeyByName } from "../../protocol/hid/web-keys.ts";
import type { WebKey } from "../../protocol/hid/web-keys.ts";
import type { LiveKeyboard } from "./keyboard-live.ts";
import { createTurns } from "./keyboard-turns.ts";
import { printText } from "./printer.ts";
import type { PrinterOptions, PrintResult } from "./printer.ts";

export interface PrintOptions {
  /** Name or alias; the configured one by default. */
  readonly keymap?: string | undefined;
  /** Characters after this many are not typed; 0 = no limit. Default 1024. */
  readonly limit?: number;
  /** Pause before each key event; default 0, with `slow` 0.02. */
  readonly delaySeconds?: number | undefined;
  readonly slow?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ShortcutOptions {
  /** Pause before each event; default 50. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

export interface HidSequencesOptions extends PrinterOptions {
  readonly live: LiveKeyboard;
  readonly defaultKeymap: string;
  /** Called for every event: it counts as activity. */
  touch(): void;
}

const NO_LAYOUT: Layout = new Map();
const DEFAULT_LIMIT = 1024;
const SLOW_DELAY_SECONDS = 0.02;
const SHORTCUT_WAIT_MS = 50;
const MAX_WAITING = 16;

/** The key of a name or alias; throws `ValidationError` when there is none. */
export function keyOf(name: string): WebKey {
  const key = webKeyByName(name);
  if (key === undefined) throw new ValidationError(`No key is called '${name}'`);
  return key;
}

/** Key events that take time: texts and shortcuts, of each kind one after the other. */
export class HidSequences {
  readonly #options: HidSequencesOptions;
  readonly #prints = createTurns(MAX_WAITING);
  readonly #shortcuts = createTurns(MAX_WAITING);

  constructor(options: HidSequencesOptions) {
    this.#options = options;
  }

  async shortcut(names: readonly string[], options: ShortcutOptions = {}): Promise<void> {
    const { clock, live } = this.#options;
    const { waitMs = SHORTCUT_WAIT_MS, signal } = options;
    const keys = names.map(keyOf);
    if (keys.length === 0) return;
    const endTurn = await this.#shortcuts.take(signal);
    const pressed: WebKey[] = [];
    try {
      for (const key of keys) {
        await sleep(clock, waitMs, signal);
        this.#options.touch();
        pressed.push(key);
        live.press(key, false);
      }
      for (let key = pressed.at(-1); key !== undefined; key = pressed.at(-1)) {
        await sleep(clock, waitMs, signal);
        this.#options.touch();
        live.release(key);
        pressed.pop();
      }
    } finally {
      for (const key of pressed.reverse()) live.release(key);
      endTurn();
    }
  }

  async print(text: string, options: PrintOptions = {}): Promise<PrintResult> {
    const { keymap = this.#options.defaultKeymap, limit = DEFAULT_LIMIT, signal } = options;
    const delaySeconds = options.delaySeconds ?? (options.slow === true ? SLOW_DELAY_SECONDS : 0);
    if (layoutNameOf(keymap) === undefined) {
      throw new ValidationError(`No keymap is called '${keymap}'`);
    }
    // The turn first: loading takes its time, and texts are typed in the order in which they came.
    const endTurn = await this.#prints.take(signal);
    try {
      const layout = (await loadLayout(keymap)) ?? NO_LAYOUT;
      return await printText(this.#options, {
        text,
        layout,
        limit,
        delayMs: delaySeconds * 1000,
        signal,
        onProgress: (done, total) => {
          this.#options.touch();
          options.onProgress?.(done, total);
        },
      });
    } finally {
      endTurn();
    }
  }
}
