import { readdirSync } from "node:fs";
import type { Clock } from "../../core/clock.ts";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import { loadCharDevice } from "./char-device.ts";
import type { CharDevice } from "./char-device.ts";
import { createCharDeviceGpioBank } from "./chardev.ts";
import { createNoGpioBank } from "./none.ts";
import { loadOnoff } from "./onoff-line.ts";
import type { OpenSysfsLine } from "./onoff-line.ts";
import type { GpioBank, GpioChipInfo } from "./port.ts";
import { createSysfsGpioBank } from "./sysfs.ts";

export interface SelectGpioOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default `/sys/class/gpio`. */
  readonly sysfsRoot?: string;
  /** Default `/dev`. */
  readonly deviceRoot?: string;
  /** Loaders of the native packages. */
  readonly loadSysfs?: () => Promise<OpenSysfsLine>;
  readonly loadDevice?: () => Promise<CharDevice>;
}

interface Candidate {
  readonly kind: "sysfs" | "chardev";
  hasChips(): boolean;
  create(): Promise<GpioBank>;
}

function hasChipsIn(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /^gpiochip\d+$/.test(name));
  } catch {
    return false;
  }
}

function listCandidates(options: SelectGpioOptions): readonly Candidate[] {
  const { clock, log, sysfsRoot = "/sys/class/gpio", deviceRoot = "/dev" } = options;
  const { loadSysfs = loadOnoff, loadDevice = loadCharDevice } = options;
  return [
    {
      kind: "sysfs",
      hasChips: () => hasChipsIn(sysfsRoot),
      create: async () =>
        createSysfsGpioBank({ clock, log, root: sysfsRoot, openLine: await loadSysfs() }),
    },
    {
      kind: "chardev",
      hasChips: () => hasChipsIn(deviceRoot),
      create: async () =>
        createCharDeviceGpioBank({ clock, log, root: deviceRoot, device: await loadDevice() }),
    },
  ];
}

/** Picks the way to the lines with the first request, and again with every request while there is none. */
class SelectedGpioBank implements GpioBank {
  readonly #log: Logger;
  readonly #candidates: readonly Candidate[];
  #chosen: GpioBank | undefined;
  #choosing: Promise<GpioBank> | undefined;

  constructor(options: SelectGpioOptions) {
    this.#log = options.log;
    this.#candidates = listCandidates(options);
  }

  get kind(): GpioBank["kind"] {
    if (this.#chosen !== undefined) return this.#chosen.kind;
    return this.#candidates.find((candidate) => candidate.hasChips())?.kind ?? "none";
  }

  async chips(): Promise<readonly GpioChipInfo[]> {
    const bank = await this.#bank();
    return await bank.chips();
  }

  async output(...request: Parameters<GpioBank["output"]>): ReturnType<GpioBank["output"]> {
    const bank = await this.#bank();
    return await bank.output(...request);
  }

  async input(...request: Parameters<GpioBank["input"]>): ReturnType<GpioBank["input"]> {
    const bank = await this.#bank();
    return await bank.input(...request);
  }

  async close(): Promise<void> {
    // A request under way could open a line after this.
    await this.#choosing?.catch(() => undefined);
    await this.#chosen?.close();
  }

  async #bank(): Promise<GpioBank> {
    if (this.#chosen !== undefined) return this.#chosen;
    this.#choosing ??= this.#choose().finally(() => {
      this.#choosing = undefined;
    });
    return await this.#choosing;
  }

  async #choose(): Promise<GpioBank> {
    const reasons: string[] = [];
    for (const candidate of this.#candidates) {
      if (!candidate.hasChips()) continue;
      try {
        this.#chosen = await candidate.create();
        this.#log.debug({ kind: candidate.kind }, "GPIO lines found");
        return this.#chosen;
      } catch (error) {
        reasons.push(describeError(error));
      }
    }
    const reason = reasons.length === 0 ? "this machine shows no GPIO chips" : reasons.join("; ");
    return createNoGpioBank(`No GPIO lines: ${reason}`);
  }
}

/** The machine's GPIO lines: `onoff` on `/sys/class/gpio` where the kernel has it, else the character devices, else none. */
export function selectGpioBank(options: SelectGpioOptions): GpioBank {
  return new SelectedGpioBank(options);
}
