import { isAborted } from "../../../core/abort.ts";
import { sleep } from "../../../core/clock.ts";
import { createStore } from "../../../core/store.ts";
import { anyPin } from "../driver.ts";
import type { DriverEnvironment, DriverInput, DriverType } from "../driver.ts";
import { invertInput } from "../inverted.ts";
import { COMMANDS_FORBIDDEN, readCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { createOfflineDriver } from "./offline.ts";

const DEFAULT_POLL_S = 5;

function openInput(
  { program, args, limits }: Command,
  pollMs: number,
  { process, clock, log }: DriverEnvironment,
): DriverInput {
  const closing = new AbortController();
  const { signal } = closing;
  const level = createStore(false);
  const isOnline = createStore(false);

  const ask = async (): Promise<void> => {
    try {
      const { exitCode } = await process.run(program, args, { ...limits, signal });
      if (isAborted(signal)) return;
      level.set(exitCode === 0);
      isOnline.set(exitCode !== null);
    } catch (error) {
      if (isAborted(signal)) return;
      log.debug({ err: error, program }, "GPIO command failed");
      isOnline.set(false);
    }
  };
  const watch = async (): Promise<void> => {
    while (!isAborted(signal)) {
      await ask();
      await sleep(clock, pollMs, signal).catch(() => undefined);
    }
  };
  const watching = watch();
  return {
    level,
    isOnline,
    async close() {
      closing.abort();
      await watching;
    },
  };
}

/** `cmdret`: on while a program ends with status 0. `state_poll` and `timeout`, in seconds, are additions of ours. */
export const cmdretDriver: DriverType = {
  modes: ["input"],
  checkPin: anyPin,
  prepare(options) {
    const command = readCommand(options);
    const pollMs = options.seconds("state_poll", DEFAULT_POLL_S, 0.1) * 1000;
    return (environment) => {
      if (!environment.allowCommands) return createOfflineDriver(COMMANDS_FORBIDDEN);
      return {
        openInput({ isInverted }) {
          const input = openInput(command, pollMs, environment);
          return Promise.resolve(isInverted ? invertInput(input) : input);
        },
        openOutput: () => Promise.reject(new TypeError("cmdret has no outputs")),
      };
    };
  },
};
