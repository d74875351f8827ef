import { createStore } from "../../../core/store.ts";
import { anyPin } from "../driver.ts";
import type { DriverType } from "../driver.ts";
import { invertInput, invertOutput } from "../inverted.ts";

const done = (): Promise<void> => Promise.resolve();

/** `noop`: inputs that are off and outputs that only remember. */
export const noopDriver: DriverType = {
  modes: ["input", "output"],
  checkPin: anyPin,
  prepare: () => () => ({
    openInput({ isInverted }) {
      const input = { level: createStore(false), close: done };
      return Promise.resolve(isInverted ? invertInput(input) : input);
    },
    openOutput({ isInverted, initial = false }) {
      let level = initial !== isInverted;
      const output = {
        write(active: boolean) {
          level = active;
          return done();
        },
        read: () => Promise.resolve(level),
        close: done,
      };
      return Promise.resolve(isInverted ? invertOutput(output) : output);
    },
  }),
};
