import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { Store } from "../../core/store.ts";
import type { GpioBank } from "../../platform/gpio/port.ts";
import type { DatagramSender } from "../../platform/net/port.ts";
import type { ProcessRunner } from "../../platform/process/port.ts";
import type { OptionReader } from "./option-reader.ts";

export type ChannelMode = "input" | "output";

export interface DriverInput {
  readonly level: Store<boolean>;
  /** Where the driver can lose its source; missing means that it is always there. */
  readonly isOnline?: Store<boolean>;
  close(): Promise<void>;
}

export interface DriverOutput {
  /** Rejects when it was not done. A `GpioLineError` means that the line has to be opened anew. */
  write(active: boolean): Promise<void>;
  /** What the output is at, where the driver can tell. */
  read(): Promise<boolean>;
  close(): Promise<void>;
}

export interface InputRequest {
  readonly pin: string;
  readonly isInverted: boolean;
  readonly debounceMs: number;
}

export interface OutputRequest {
  readonly pin: string;
  readonly isInverted: boolean;
  readonly initial: boolean | undefined;
}

/** Opens channels. Both methods reject when the channel cannot be used now; the caller tries again later. */
export interface GpioDriver {
  openInput(request: InputRequest): Promise<DriverInput>;
  openOutput(request: OutputRequest): Promise<DriverOutput>;
}

/** What drivers may use. */
export interface DriverEnvironment {
  readonly bank: GpioBank;
  readonly datagrams: DatagramSender;
  readonly process: ProcessRunner;
  readonly clock: Clock;
  readonly log: Logger;
  /** Chip of line drivers that name no device. */
  readonly defaultChip: string;
  readonly allowCommands: boolean;
}

/** A kind of driver, as `type` in the configuration names it. */
export interface DriverType {
  readonly modes: readonly ChannelMode[];
  /** Two channels of one driver may not share a pin. */
  readonly hasExclusivePins?: boolean;
  /** Why the text is no pin of this driver; undefined when it is one. */
  checkPin(pin: string): string | undefined;
  /** Reads the options; the reader collects what is wrong with them. What is returned builds the driver. */
  prepare(options: OptionReader): (environment: DriverEnvironment) => GpioDriver;
}

/** For drivers without pins of their own. */
export const anyPin = (): undefined => undefined;

/** For drivers on GPIO lines. */
export function checkLinePin(pin: string): string | undefined {
  return /^\d{1,9}$/.test(pin) ? undefined : "must be a line number, 0 or greater";
}
