import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { chipTitle, pickChip, resolveChipName } from "./chip-lookup.ts";
import { createDebouncedLevel } from "./debounced-level.ts";
import { describePin, toLineError } from "./line-errors.ts";
import { loadOnoff } from "./onoff-line.ts";
import type { OpenSysfsLine, SysfsLine } from "./onoff-line.ts";
import { createOutputLine } from "./output-line.ts";
import { GpioLineError } from "./port.ts";
import type {
  GpioBank,
  GpioChipInfo,
  InputLine,
  InputOptions,
  OutputLine,
  OutputOptions,
  PinRef,
} from "./port.ts";
import { exportLine, readSysfsChips } from "./sysfs-tree.ts";
import type { SysfsLineFiles } from "./sysfs-tree.ts";

export interface SysfsGpioOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default `/sys/class/gpio`, the only place that `onoff` knows. */
  readonly root?: string;
  /** Opens an exported line; `onoff` by default, loaded with the first line. */
  readonly openLine?: OpenSysfsLine;
}

/** How often a line without edge detection is read. */
const POLL_MS = 30;

interface OpenedLine {
  readonly line: SysfsLine;
  readonly files: SysfsLineFiles;
}

interface Held {
  close(): Promise<void>;
}

/**
 * Lines through the number-based file system and `onoff`. A kernel number is the chip's base plus the line, so boards
 * whose numbering starts at 512 work. The kernel's own polarity is never used: `direction` takes physical levels, and
 * mixing the two is how idle power switches get pressed. A killed process leaves its lines exported at their last
 * level; the next run takes them over and idles them.
 */
class SysfsGpioBank implements GpioBank {
  readonly kind = "sysfs";
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #root: string;
  readonly #held = new Map<number, Held>();
  /** Numbers being opened: sysfs itself would let two users share a line. */
  readonly #claimed = new Set<number>();
  #openLine: OpenSysfsLine | undefined;

  constructor({ clock, log, root = "/sys/class/gpio", openLine }: SysfsGpioOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#root = root;
    this.#openLine = openLine;
  }

  async chips(): Promise<readonly GpioChipInfo[]> {
    const chips = await readSysfsChips(this.#root);
    return chips.map((chip) => ({ name: chipTitle(chip), label: chip.label, lines: chip.lines }));
  }

  async output(pin: PinRef, options: OutputOptions): Promise<OutputLine> {
    const opened = await this.#open(pin, async (files, openLine) => {
      const level =
        options.initial === undefined
          ? await files.readPhysicalLevel()
          : options.initial !== options.activeLow;
      const line = openLine(files.number, level ? "high" : "low", undefined);
      return await this.#verify(line, files, "out");
    });
    return this.#hold(opened.files.number, this.#createOutput(pin, opened, options));
  }

  async input(pin: PinRef, options: InputOptions): Promise<InputLine> {
    const opened = await this.#open(pin, async (files, openLine) => {
      const line = openLine(files.number, "in", files.hasEdges ? "both" : undefined);
      return await this.#verify(line, files, "in");
    });
    try {
      return this.#hold(opened.files.number, this.#createInput(pin, opened, options));
    } catch (error) {
      this.#release(opened);
      throw toLineError(error, describePin(pin));
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => held.close()));
  }

  async #open(
    pin: PinRef,
    open: (files: SysfsLineFiles, openLine: OpenSysfsLine) => Promise<SysfsLine>,
  ): Promise<OpenedLine> {
    const chips = await readSysfsChips(this.#root);
    const number = pickChip(chips, pin, await resolveChipName(pin.chip)).base + pin.line;
    if (this.#claimed.has(number)) {
      throw new GpioLineError(`GPIO ${describePin(pin)} is used twice by this program`);
    }
    this.#claimed.add(number);
    let files: SysfsLineFiles | undefined;
    try {
      const openLine = (this.#openLine ??= await loadOnoff());
      files = await exportLine(this.#root, number, this.#clock);
      if (!files.isExportedByUs) this.#log.info({ pin }, "GPIO line was in use, taken over");
      return { files, line: await open(files, openLine) };
    } catch (error) {
      if (files?.isExportedByUs === true) await files.unexport().catch(() => undefined);
      this.#claimed.delete(number);
      throw toLineError(error, describePin(pin));
    }
  }

  /** `onoff` ignores failures to configure a line that is exported already: ask the kernel what it really did. */
  async #verify(line: SysfsLine, files: SysfsLineFiles, wanted: string): Promise<SysfsLine> {
    const direction = await files.readDirection();
    if (direction === wanted) return line;
    line.unexport();
    throw new GpioLineError(
      `GPIO number ${files.number} stays an '${direction}' line: another program holds it, or it cannot be '${wanted}'`,
    );
  }

  #hold<T extends Held>(number: number, line: T): T {
    this.#held.set(number, line);
    return line;
  }

  #release({ line, files }: OpenedLine): void {
    this.#held.delete(files.number);
    this.#claimed.delete(files.number);
    line.unexport();
  }

  #createOutput(pin: PinRef, opened: OpenedLine, options: OutputOptions): OutputLine {
    const { line } = opened;
    const { activeLow } = options;
    return createOutputLine({
      pin,
      options,
      log: this.#log,
      write: (active) => {
        line.writeSync(active === activeLow ? 0 : 1);
      },
      read: () => (line.readSync() === 1) !== activeLow,
      release: () => {
        this.#release(opened);
      },
    });
  }

  #createInput(pin: PinRef, opened: OpenedLine, options: InputOptions): InputLine {
    const { line, files } = opened;
    const read = (): boolean => (line.readSync() === 1) !== options.activeLow;
    const debounced = createDebouncedLevel(this.#clock, read(), options.debounceMs);
    let hasFailed = false;
    const observe = (): void => {
      try {
        debounced.observe(read());
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) this.#log.warn({ err: error, pin }, "GPIO input cannot be read");
        hasFailed = true;
      }
    };
    let stopPolling = (): void => undefined;
    if (files.hasEdges) {
      line.watch(observe);
      // An edge between the first reading and the watch would be lost.
      observe();
    } else {
      stopPolling = every(this.#clock, POLL_MS, observe);
    }
    let isClosed = false;
    return {
      level: debounced.level,
      close: () => {
        if (isClosed) return Promise.resolve();
        isClosed = true;
        stopPolling();
        debounced.stop();
        this.#release(opened);
        return Promise.resolve();
      },
    };
  }
}

export function createSysfsGpioBank(options: SysfsGpioOptions): GpioBank {
  return new SysfsGpioBank(options);
}
