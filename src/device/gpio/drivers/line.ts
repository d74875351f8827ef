import type { PinRef } from "../../../platform/gpio/port.ts";
import { checkLinePin } from "../driver.ts";
import type { DriverType } from "../driver.ts";

/** `gpio`: lines of a GPIO chip. */
export const lineDriver: DriverType = {
  modes: ["input", "output"],
  hasExclusivePins: true,
  checkPin: checkLinePin,
  prepare(options) {
    const device = options.text("device", "");
    const pinRef = (pin: string, defaultChip: string): PinRef => ({
      chip: device === "" ? defaultChip : device,
      line: Number(pin),
    });
    return ({ bank, defaultChip }) => ({
      openInput: ({ pin, isInverted, debounceMs }) =>
        bank.input(pinRef(pin, defaultChip), { activeLow: isInverted, debounceMs }),
      openOutput: ({ pin, isInverted, initial }) =>
        bank.output(pinRef(pin, defaultChip), {
          initial,
          activeLow: isInverted,
          // Whoever wants the level untouched at start wants it to survive a restart.
          keepLevelOnClose: initial === undefined,
        }),
    });
  },
};
