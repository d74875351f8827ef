import { AppError } from "../../core/errors.ts";
import type { Store } from "../../core/store.ts";

/** A line of a chip. `chip` is a device node (`/dev/gpiochip0`), a bare name (`gpiochip0`) or a chip label (`pinctrl-bcm2711`). */
export interface PinRef {
  readonly chip: string;
  readonly line: number;
}

/** The line or its chip is missing, taken by somebody else, or not permitted. */
export class GpioLineError extends AppError {
  static readonly code = "GPIO_LINE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", GpioLineError.code, message, options);
  }
}

export interface OutputLine {
  /** Logical level: true is active, whatever the polarity. Rejects with `GpioLineError`. */
  write(active: boolean): Promise<void>;
  /** The logical level last written or read back. */
  read(): Promise<boolean>;
  /** Drives the line inactive (unless `keepLevelOnClose`), then releases it. Idempotent. */
  close(): Promise<void>;
}

export interface OutputOptions {
  /** Set together with the direction. Undefined leaves the level as it is where the hardware allows it. */
  readonly initial: boolean | undefined;
  readonly activeLow: boolean;
  /** Closing leaves the level alone: for a relay that has to survive a restart, as far as the kernel lets it. */
  readonly keepLevelOnClose?: boolean;
}

export interface InputOptions {
  readonly activeLow: boolean;
  readonly debounceMs: number;
}

export interface InputLine {
  /** Debounced logical level. */
  readonly level: Store<boolean>;
  /** Releases the line. Idempotent. */
  close(): Promise<void>;
}

export interface GpioChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

/** Digital lines by (chip, line), so that kernels that number globally from 512 work like the others. */
export interface GpioBank {
  /** How lines are reached: `sysfs`, `chardev`, `sim`, or `none` with every request refused. */
  readonly kind: "sysfs" | "chardev" | "sim" | "none";
  chips(): Promise<readonly GpioChipInfo[]>;
  /** The initial level is set together with the direction, so that the line never glitches to the other level. A line that is held already is refused. */
  output(pin: PinRef, options: OutputOptions): Promise<OutputLine>;
  input(pin: PinRef, options: InputOptions): Promise<InputLine>;
  /** Releases every line that is still held. */
  close(): Promise<void>;
}
