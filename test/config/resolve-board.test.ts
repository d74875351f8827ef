import { describe, expect, it } from "vitest";
import { explainConfig } from "../../src/config/explain.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { LoadedConfig } from "../../src/config/load.ts";
import { resolveBoard } from "../../src/config/resolve-board.ts";

async function load(env: Record<string, string> = {}): Promise<LoadedConfig> {
  const result = await loadConfig({ env, readFile: () => Promise.resolve(undefined) });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.loaded;
}

describe("resolveBoard", () => {
  it("puts the pins of the recognized board where the configuration says auto", async () => {
    const { config, origins } = resolveBoard(await load(), "rpi4");
    expect(config.device.board).toBe("rpi4");
    expect(config.device.atx).toMatchObject({
      enabled: true,
      powerSwitch: { chip: "pinctrl-bcm2711", line: 23 },
      resetSwitch: { chip: "pinctrl-bcm2711", line: 27 },
      powerLed: { chip: "pinctrl-bcm2711", line: 24 },
      hddLed: { chip: "pinctrl-bcm2711", line: 22 },
    });
    expect(origins.get("device.atx.powerSwitch")).toBe("board");
    expect(origins.get("device.atx.clickSeconds")).toBe("default");
  });

  it("drives the buttons of the OneCloud active low and knows no LEDs", async () => {
    const { atx } = resolveBoard(await load(), "onecloud").config.device;
    expect(atx).toMatchObject({
      powerSwitch: { chip: "aobus-banks", line: 7, activeLow: true },
      resetSwitch: { chip: "cbus-banks", line: 11, activeLow: true },
      powerLed: "none",
      hddLed: "none",
    });
  });

  it("offers disk images where the board can be a USB device, and not elsewhere", async () => {
    const enabled = async (board: string, env: Record<string, string> = {}) => {
      const { gadget, msd } = resolveBoard(await load(env), board).config.device;
      return [gadget.enabled, msd.enabled];
    };
    expect(await enabled("rpi4")).toEqual([true, true]);
    expect(await enabled("rpi3")).toEqual([false, false]);
    expect(await enabled("rpi4", { FARHAND__DEVICE__GADGET__ENABLED: "false" })).toEqual([
      false,
      false,
    ]);
    expect(await enabled("rpi4", { FARHAND__DEVICE__MSD__ENABLED: "false" })).toEqual([
      true,
      false,
    ]);
  });

  it("switches ATX off on a board without known pins", async () => {
    expect(resolveBoard(await load(), "generic").config.device.atx.enabled).toBe(false);
  });

  it("switches ATX on when a pin is configured", async () => {
    const loaded = await load({ FARHAND__DEVICE__ATX__POWER_LED: '{"chip":"a","line":1}' });
    const { atx } = resolveBoard(loaded, "generic").config.device;
    expect(atx).toMatchObject({ enabled: true, powerLed: { chip: "a", line: 1 } });
  });

  it("leaves what the configuration states", async () => {
    const loaded = await load({
      FARHAND__DEVICE__ATX__ENABLED: "false",
      FARHAND__DEVICE__ATX__POWER_SWITCH: "none",
      FARHAND__DEVICE__HID__BACKEND: "mcu",
      FARHAND__DEVICE__HID__SERIAL_CANDIDATES: "/dev/ttyS9",
      FARHAND__DEVICE__GPIO__DRIVERS: '{"__gpio__":{"type":"gpio","device":"gpiochip3"}}',
    });
    const { config, origins } = resolveBoard(loaded, "sim");
    expect(config.device.atx).toMatchObject({ enabled: false, powerSwitch: "none" });
    expect(config.device.hid).toMatchObject({ backend: "mcu", serialCandidates: ["/dev/ttyS9"] });
    expect(config.device.gpio.drivers["__gpio__"]).toEqual({ type: "gpio", device: "gpiochip3" });
    expect(origins.get("device.hid.backend")).toBe("environment");
  });

  it("prefers the board that the configuration names", async () => {
    const loaded = await load({ FARHAND__DEVICE__BOARD: "rpi5" });
    const { config } = resolveBoard(loaded, "rpi4");
    expect(config.device.atx.powerSwitch).toMatchObject({ chip: "pinctrl-rp1" });
  });

  it("gives channels without a driver the chip of the board", async () => {
    const { drivers } = resolveBoard(await load(), "rpi5").config.device.gpio;
    expect(drivers["__gpio__"]).toEqual({ type: "gpio", device: "pinctrl-rp1" });
  });

  it("gives a frozen configuration again", async () => {
    const { config } = resolveBoard(await load(), "sim");
    expect(Object.isFrozen(config.device.atx)).toBe(true);
  });
});

describe("explainConfig", () => {
  it("shows every value with its origin and hides secrets that are set", async () => {
    const loaded = resolveBoard(await load({ FARHAND__AUTH__INITIAL_PASSWORD: "x" }), "sim");
    const explained = explainConfig(loaded);
    const find = (path: string) => explained.find((value) => value.path === path);
    expect(find("auth.initialPassword")).toMatchObject({
      value: "(hidden)",
      origin: "environment",
    });
    expect(find("device.hid.backend")).toMatchObject({ value: "ch9329", origin: "board" });
    expect(find("http.port")).toMatchObject({ value: 8443, origin: "default" });
  });

  it("hides what drivers of channels call a password", async () => {
    const drivers = '{"bmc":{"type":"ipmi","user":"root","passwd":"hunter22"}}';
    const explained = explainConfig(await load({ FARHAND__DEVICE__GPIO__DRIVERS: drivers }));
    expect(explained.find(({ path }) => path === "device.gpio.drivers")?.value).toEqual({
      bmc: { type: "ipmi", user: "root", passwd: "(hidden)" },
    });
  });

  it("describes every value", async () => {
    const nameless = explainConfig(await load()).filter(({ description }) => description === "");
    expect(nameless.map(({ path }) => path)).toEqual([
      "device.hid.mouseXRange.min",
      "device.hid.mouseXRange.max",
      "device.hid.mouseYRange.min",
      "device.hid.mouseYRange.max",
    ]);
  });
});
