import { AppError } from "../../../core/errors.ts";
import { anyPin } from "../driver.ts";
import type { DriverEnvironment, DriverOutput, DriverType } from "../driver.ts";
import { invertOutput } from "../inverted.ts";
import { COMMANDS_FORBIDDEN, readCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { createOfflineDriver } from "./offline.ts";

/** A configured program did not end with status 0. */
export class GpioCommandError extends AppError {
  static readonly code = "GPIO_COMMAND";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", GpioCommandError.code, message, options);
  }
}

function openOutput(command: Command, { process, log }: DriverEnvironment): DriverOutput {
  const { program, args, limits } = command;
  const closing = new AbortController();
  return {
    async write(active) {
      if (!active) return;
      const options = { ...limits, signal: closing.signal };
      const { exitCode, stderr } = await process.run(program, args, options);
      log.info({ program, exitCode }, "GPIO command ended");
      if (exitCode === 0) return;
      const reason = exitCode === null ? "was killed" : `ended with status ${exitCode}`;
      throw new GpioCommandError(`${program} ${reason}: ${stderr.trim()}`);
    },
    read: () => Promise.resolve(false),
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

/** `cmd`: runs a program when switched on; always reads off. `timeout` in seconds is an addition of ours. */
export const cmdDriver: DriverType = {
  modes: ["output"],
  checkPin: anyPin,
  prepare(options) {
    const command = readCommand(options);
    return (environment) => {
      if (!environment.allowCommands) return createOfflineDriver(COMMANDS_FORBIDDEN);
      return {
        openInput: () => Promise.reject(new TypeError("cmd has no inputs")),
        openOutput({ isInverted }) {
          const output = openOutput(command, environment);
          return Promise.resolve(isInverted ? invertOutput(output) : output);
        },
      };
    };
  },
};
