import { realpath } from "node:fs/promises";
import { basename } from "node:path";
import { GpioLineError } from "./port.ts";
import type { PinRef } from "./port.ts";

export interface ChipCandidate {
  /** Names of the character device that the chip may have; several when they cannot be told apart. */
  readonly deviceNames: readonly string[];
  /** Name in the number-based file system, if it has one. */
  readonly sysfsName?: string;
  readonly label: string;
  /** Undefined where the chip could not be asked. */
  readonly lines: number | undefined;
}

/** The bare chip name of a device node, following links such as `/dev/gpiochip4 -> gpiochip0`; other names stay. */
export async function resolveChipName(chip: string): Promise<string> {
  if (!chip.startsWith("/")) return chip;
  const target = await realpath(chip).catch(() => chip);
  return basename(target);
}

export function chipTitle(chip: ChipCandidate): string {
  return chip.deviceNames.length === 1
    ? (chip.deviceNames[0] ?? "")
    : (chip.sysfsName ?? chip.deviceNames.join("/"));
}

function describeChip({ label, lines }: ChipCandidate): string {
  return lines === undefined ? "not readable" : `${label}, ${lines} lines`;
}

function describeChips(chips: readonly ChipCandidate[]): string {
  if (chips.length === 0) return "none";
  return chips.map((chip) => `${chipTitle(chip)} (${describeChip(chip)})`).join(", ");
}

/**
 * Finds the chip of a pin: by device name first, then by its name in sysfs, then by label. Throws `GpioLineError` when
 * no chip or several match, or when the chip has no such line: guessing could press somebody's power button.
 */
export function pickChip<C extends ChipCandidate>(
  chips: readonly C[],
  pin: PinRef,
  name: string,
): C {
  const matchers: readonly ((chip: C) => boolean)[] = [
    (chip) => chip.deviceNames.includes(name),
    (chip) => chip.sysfsName === name,
    (chip) => chip.label === name,
  ];
  for (const matches of matchers) {
    const found = chips.filter(matches);
    const [chip] = found;
    if (chip === undefined) continue;
    if (found.length > 1) {
      throw new GpioLineError(
        `GPIO chip '${pin.chip}' is ambiguous: ${describeChips(found)}; name the chip by ${matches === matchers[2] ? "its device" : "its label"}`,
      );
    }
    if (chip.lines !== undefined && pin.line >= chip.lines) {
      throw new GpioLineError(
        `GPIO ${pin.chip} has no line ${pin.line}: its lines are 0 to ${chip.lines - 1}`,
      );
    }
    return chip;
  }
  throw new GpioLineError(
    `GPIO chip '${pin.chip}' is not there; chips found: ${describeChips(chips)}`,
  );
}
