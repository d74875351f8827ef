import { every } from "../../../core/clock.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Logger } from "../../../core/log.ts";
import type { OutputLine } from "../../../platform/gpio/port.ts";
import { checkLinePin } from "../driver.ts";
import type { DriverOutput, DriverType } from "../driver.ts";

const HALF_PERIOD_MS = 100;

function createBlinker(line: OutputLine, clock: Clock, log: Logger): DriverOutput {
  let stop: (() => void) | undefined;
  let isLit = false;
  const show = async (lit: boolean): Promise<void> => {
    isLit = lit;
    await line.write(lit);
  };
  const halt = (): void => {
    stop?.();
    stop = undefined;
  };
  const toggle = (): void => {
    show(!isLit).catch((error: unknown) => {
      halt();
      log.warn({ err: error }, "locator LED stopped");
    });
  };
  return {
    async write(active) {
      if (active === (stop !== undefined)) return;
      halt();
      await show(active);
      if (active) stop = every(clock, HALF_PERIOD_MS, toggle);
    },
    read: () => Promise.resolve(stop !== undefined),
    async close() {
      halt();
      await line.close();
    },
  };
}

/** `locator`: a LED that blinks while the channel is on. Inverted means that the LED lights at the low level. */
export const locatorDriver: DriverType = {
  modes: ["output"],
  hasExclusivePins: true,
  checkPin: checkLinePin,
  prepare(options) {
    const device = options.text("device", "");
    return ({ bank, clock, log, defaultChip }) => ({
      openInput: () => Promise.reject(new TypeError("locator has no inputs")),
      async openOutput({ pin, isInverted, initial }) {
        const pinRef = { chip: device === "" ? defaultChip : device, line: Number(pin) };
        const line = await bank.output(pinRef, { initial: false, activeLow: isInverted });
        const blinker = createBlinker(line, clock, log);
        if (initial === true) await blinker.write(true);
        return blinker;
      },
    });
  },
};
