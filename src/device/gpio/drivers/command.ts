import type { OptionReader } from "../option-reader.ts";

/** A program of the configuration; arguments never pass through a shell. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly limits: { readonly timeoutMs: number; readonly maxOutputBytes: number };
}

export const COMMANDS_FORBIDDEN =
  "running programs is not permitted here: set device.gpio.allowCommands to permit it";

const DEFAULT_TIMEOUT_S = 10;
const MAX_OUTPUT_BYTES = 4096;

export function readCommand(options: OptionReader): Command {
  const [program = "", ...args] = options.command("cmd");
  const timeoutMs = options.seconds("timeout", DEFAULT_TIMEOUT_S, 0.1) * 1000;
  return { program, args, limits: { timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES } };
}
