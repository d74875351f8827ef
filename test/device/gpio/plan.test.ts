import { describe, expect, it } from "vitest";
import type { GpioConfig } from "../../../src/config/schema.ts";
import { checkGpioConfig } from "../../../src/device/gpio/plan.ts";

const check = (config: Partial<GpioConfig>) =>
  checkGpioConfig({
    drivers: {},
    scheme: {},
    view: { header: { title: "Switches" }, table: [] },
    allowCommands: false,
    ...config,
  }).map(({ path, message }) => `${path}: ${message}`);

const driver = (options: GpioConfig["drivers"][string]) => check({ drivers: { d: options } });

describe("checkGpioConfig", () => {
  it("finds nothing in a sound section, whatever the view names", () => {
    const problems = check({
      drivers: {
        __gpio__: { type: "gpio", device: "/dev/gpiochip1" },
        wake: { type: "wol", mac: "00:11:22:aa:BB:cc" },
        run: { type: "cmd", cmd: ["/bin/true", "x"], timeout: 3 },
        ask: { type: "cmdret", cmd: ["/bin/true"], state_poll: 1 },
        led: { type: "locator" },
        nothing: { type: "noop" },
      },
      scheme: {
        a: { pin: 1, mode: "input" },
        b: { pin: "2", mode: "output", pulse: { delay: 1, max_delay: 1 } },
        c: { driver: "wake", pin: 0, mode: "output", switch: false },
        d: { driver: "ask", pin: 1, mode: "input" },
        e: { driver: "led", pin: 12, mode: "output" },
        f: { driver: "run", pin: 1, mode: "output" },
        g: { driver: "run", pin: 1, mode: "output" },
      },
      view: { header: { title: "T" }, table: [["nochan"]] },
    });
    expect(problems).toEqual([]);
  });

  it.each([
    [{ type: "hidrelay" }, /^device\.gpio\.drivers\.d: unknown driver type 'hidrelay'.*gpio, wol/],
    [{ type: "wol" }, /'mac' must be the MAC address/],
    [{ type: "wol", mac: "00:11:22:33:44" }, /'mac' must be the MAC address/],
    [{ type: "wol", mac: "00:11:22:33:44:55", port: 70_000 }, /'port' must be a whole number/],
    [{ type: "wol", mac: "00:11:22:33:44:55", ip: 7 }, /'ip' must be a text/],
    [{ type: "cmd" }, /'cmd' must be a list of texts/],
    [{ type: "cmd", cmd: "reboot" }, /'cmd' must be a list of texts/],
    [{ type: "cmd", cmd: ["x", 1] }, /'cmd' must be a list of texts/],
    [{ type: "cmdret", cmd: ["x"], state_poll: 0 }, /'state_poll' must be a number of seconds/],
    [{ type: "gpio", devcie: "x" }, /'devcie' is not an option.*device/],
  ])("explains driver %j", (options, expected) => {
    expect(driver(options).join()).toMatch(expected);
  });

  it("explains channels that their driver cannot serve", () => {
    const problems = check({
      drivers: { wake: { type: "wol", mac: "00:11:22:33:44:55" } },
      scheme: {
        a: { driver: "relay", pin: 1, mode: "output" },
        b: { driver: "wake", pin: 1, mode: "input" },
        c: { pin: "udc", mode: "output" },
        d: { pin: 5, mode: "input" },
        e: { pin: "05", mode: "output" },
      },
    });
    expect(problems).toEqual([
      "device.gpio.scheme.a: driver 'relay' is not defined; defined: __gpio__, wake",
      "device.gpio.scheme.b: driver 'wake' has no inputs",
      "device.gpio.scheme.c: pin 'udc' must be a line number, 0 or greater",
      "device.gpio.scheme.e: pin 05 is used by channel 'd' already",
    ]);
  });

  it("explains pulse lengths that contradict each other", () => {
    const problems = check({
      scheme: {
        a: { pin: 1, mode: "output", pulse: { delay: 2 } },
        b: { pin: 2, mode: "output", pulse: { min_delay: 3, max_delay: 2 } },
      },
    });
    expect(problems).toEqual([
      "device.gpio.scheme.a.pulse: delay 2 is cut to max_delay 0.1; set max_delay too",
      "device.gpio.scheme.b.pulse: max_delay 2 is less than min_delay 3",
    ]);
  });
});
