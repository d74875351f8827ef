import { gpioContract } from "../contract/gpio.ts";
import { fakeClock } from "./fake-clock.ts";
import { fakeBank } from "./fake-gpio-bank.ts";

gpioContract("fakeBank", () => {
  const clock = fakeClock();
  return {
    ...fakeBank(clock),
    clock,
    chipNames: ["gpiochip0", "/dev/gpiochip0", "pinctrl-test"],
    chipLines: 32,
    run: <T>(request: Promise<T>): Promise<T> => request,
  };
});
