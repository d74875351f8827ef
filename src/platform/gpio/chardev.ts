import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { every } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import { loadCharDevice } from "./char-device.ts";
import type { CharDevice } from "./char-device.ts";
import { requestInput, requestOutput } from "./chardev-line.ts";
import type { CharLine } from "./chardev-line.ts";
import { pickChip, resolveChipName } from "./chip-lookup.ts";
import type { ChipCandidate } from "./chip-lookup.ts";
import { createDebouncedLevel } from "./debounced-level.ts";
import type { DebouncedLevel } from "./debounced-level.ts";
import { describePin, toLineError } from "./line-errors.ts";
import { createOutputLine } from "./output-line.ts";
import type {
  GpioBank,
  GpioChipInfo,
  InputLine,
  InputOptions,
  OutputLine,
  OutputOptions,
  PinRef,
} from "./port.ts";
import { CHIP_INFO_BYTES, decodeChipInfo, GPIO_GET_CHIPINFO_IOCTL } from "./uapi.ts";

export interface CharDeviceGpioOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Folder of the `gpiochipN` nodes; default `/dev`. */
  readonly root?: string;
  /** System calls; bound through `koffi` by default, with the first line. */
  readonly device?: CharDevice;
}

/** Inputs are read this often; enough for LEDs, and it needs no event plumbing. */
const POLL_MS = 30;

interface Chip extends ChipCandidate {
  readonly name: string;
  readonly path: string;
}

interface PolledInput {
  readonly pin: PinRef;
  readonly line: CharLine;
  readonly debounced: DebouncedLevel;
  hasFailed: boolean;
}

/**
 * Lines through the character device (GPIO v2 of Linux 5.10 and newer). The kernel frees a line when its descriptor
 * closes, also when the process dies, so a pressed button cannot outlive us.
 */
class CharDeviceGpioBank implements GpioBank {
  readonly kind = "chardev";
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #root: string;
  readonly #held = new Set<{ close(): Promise<void> }>();
  readonly #inputs = new Set<PolledInput>();
  #device: CharDevice | undefined;
  #stopPolling: (() => void) | undefined;

  constructor({ clock, log, root = "/dev", device }: CharDeviceGpioOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#root = root;
    this.#device = device;
  }

  async chips(): Promise<readonly GpioChipInfo[]> {
    const chips = await this.#readChips(await this.#load());
    return chips.map(({ name, label, lines = 0 }) => ({ name, label, lines }));
  }

  async output(pin: PinRef, options: OutputOptions): Promise<OutputLine> {
    const line = await this.#request(pin, (device, path) =>
      requestOutput(device, path, pin.line, options),
    );
    const output = this.#createOutput(pin, line, options);
    this.#held.add(output);
    return output;
  }

  async input(pin: PinRef, options: InputOptions): Promise<InputLine> {
    const { line, reading, isDebounced } = await this.#request(pin, (device, path) => {
      const requested = requestInput(device, path, pin.line, options);
      try {
        return { ...requested, reading: requested.line.read() };
      } catch (error) {
        requested.line.release();
        throw error;
      }
    });
    const debounceMs = isDebounced ? 0 : options.debounceMs;
    const debounced = createDebouncedLevel(this.#clock, reading, debounceMs);
    const input = this.#createInput({ pin, line, debounced, hasFailed: false });
    this.#held.add(input);
    return input;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held].map((held) => held.close()));
  }

  async #load(): Promise<CharDevice> {
    this.#device ??= await loadCharDevice();
    return this.#device;
  }

  async #request<T>(pin: PinRef, request: (device: CharDevice, path: string) => T): Promise<T> {
    try {
      const device = await this.#load();
      const name = await resolveChipName(pin.chip);
      return request(device, pickChip(await this.#readChips(device), pin, name).path);
    } catch (error) {
      throw toLineError(error, describePin(pin));
    }
  }

  async #readChips(device: CharDevice): Promise<readonly Chip[]> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch(() => []);
    const names = entries
      // Links lead to chips that are listed under their own names.
      .filter((entry) => /^gpiochip\d+$/.test(entry.name) && !entry.isSymbolicLink())
      .map((entry) => entry.name)
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return names.map((name) => this.#readChip(device, name));
  }

  #readChip(device: CharDevice, name: string): Chip {
    const path = join(this.#root, name);
    const bytes = new Uint8Array(CHIP_INFO_BYTES);
    try {
      const fd = device.open(path);
      try {
        device.ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, bytes);
      } finally {
        device.close(fd);
      }
    } catch (error) {
      this.#log.debug({ err: error, chip: name }, "GPIO chip cannot be opened");
      // Kept, so that asking for it by name reports this failure and not a missing chip.
      return { name, path, deviceNames: [name], label: "", lines: undefined };
    }
    const { label, lines } = decodeChipInfo(bytes);
    return { name, path, deviceNames: [name], label, lines };
  }

  #createOutput(pin: PinRef, line: CharLine, options: OutputOptions): OutputLine {
    const output = createOutputLine({
      pin,
      options,
      log: this.#log,
      write: (active) => {
        line.write(active);
      },
      read: () => line.read(),
      release: () => {
        this.#held.delete(output);
        line.release();
      },
    });
    return output;
  }

  #createInput(polled: PolledInput): InputLine {
    this.#inputs.add(polled);
    this.#stopPolling ??= every(this.#clock, POLL_MS, () => this.#poll());
    let isClosed = false;
    const input: InputLine = {
      level: polled.debounced.level,
      close: () => {
        if (isClosed) return Promise.resolve();
        isClosed = true;
        this.#held.delete(input);
        this.#inputs.delete(polled);
        if (this.#inputs.size === 0) {
          this.#stopPolling?.();
          this.#stopPolling = undefined;
        }
        polled.debounced.stop();
        polled.line.release();
        return Promise.resolve();
      },
    };
    return input;
  }

  #poll(): void {
    for (const input of this.#inputs) {
      try {
        input.debounced.observe(input.line.read());
        input.hasFailed = false;
      } catch (error) {
        if (!input.hasFailed) {
          this.#log.warn({ err: error, pin: input.pin }, "GPIO input cannot be read");
        }
        input.hasFailed = true;
      }
    }
  }
}

export function createCharDeviceGpioBank(options: CharDeviceGpioOptions): GpioBank {
  return new CharDeviceGpioBank(options);
}
