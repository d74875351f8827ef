import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MissingPartError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { GpioLineError } from "../../../src/platform/gpio/port.ts";
import { selectGpioBank } from "../../../src/platform/gpio/select.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeChip } from "../../support/fake-gpio.ts";
import { fakeCharDevice } from "../../support/fake-gpio-chardev.ts";
import { tempDir } from "../../support/temp-dir.ts";

const missing = (): Promise<never> => Promise.reject(new MissingPartError("addon is not built"));

function setUp(options: { hasSysfs?: boolean; hasDevices?: boolean; hasOnoff?: boolean }) {
  const folder = tempDir();
  const clock = fakeClock();
  const sysfsRoot = join(folder, "class");
  const deviceRoot = join(folder, "dev");
  mkdirSync(deviceRoot);
  if (options.hasSysfs === true) {
    mkdirSync(join(sysfsRoot, "gpiochip512"), { recursive: true });
    for (const [file, text] of Object.entries({ base: "512", ngpio: "4", label: "numbers" })) {
      writeFileSync(join(sysfsRoot, "gpiochip512", file), text);
    }
  }
  const chips = options.hasDevices === true ? [fakeChip("gpiochip0", "devices", 4)] : [];
  const device = fakeCharDevice(deviceRoot, { chips, clock });
  const loaded: string[] = [];
  const bank = selectGpioBank({
    clock,
    log: silentLogger,
    sysfsRoot,
    deviceRoot,
    loadSysfs: () => {
      loaded.push("onoff");
      return options.hasOnoff === false ? missing() : Promise.resolve(() => missingLine());
    },
    loadDevice: () => {
      loaded.push("koffi");
      return Promise.resolve(device);
    },
  });
  return { bank, loaded, deviceRoot };
}

function missingLine(): never {
  throw new Error("not opened in these tests");
}

const pin = { chip: "gpiochip0", line: 1 };
const idle = { initial: false, activeLow: false };

describe("selectGpioBank", () => {
  it("prefers the number-based file system", async () => {
    const { bank } = setUp({ hasSysfs: true, hasDevices: true });
    expect(bank.kind).toBe("sysfs");
    expect((await bank.chips()).map((chip) => chip.label)).toEqual(["numbers"]);
  });

  it("loads nothing native before the first use", async () => {
    const { bank, loaded } = setUp({ hasSysfs: true, hasDevices: true });
    expect(bank.kind).toBe("sysfs");
    expect(loaded).toEqual([]);
    await bank.chips();
    expect(loaded).toEqual(["onoff"]);
  });

  it("takes the character devices where the kernel has no number-based file system", async () => {
    const { bank } = setUp({ hasDevices: true });
    expect(bank.kind).toBe("chardev");
    const line = await bank.output(pin, { initial: true, activeLow: false });
    expect(await line.read()).toBe(true);
    await bank.close();
    await expect(line.write(true)).rejects.toBeInstanceOf(GpioLineError);
  });

  it("takes the character devices when onoff cannot be loaded", async () => {
    const { bank } = setUp({ hasSysfs: true, hasDevices: true, hasOnoff: false });
    await bank.output(pin, idle);
    expect(bank.kind).toBe("chardev");
  });

  it("refuses with the reason when the only way lacks its package", async () => {
    const { bank } = setUp({ hasSysfs: true, hasOnoff: false });
    await expect(bank.output(pin, idle)).rejects.toThrow(/addon is not built/);
    expect(await bank.chips()).toEqual([]);
  });

  it("refuses everything on a machine without chips", async () => {
    const { bank } = setUp({});
    expect(bank.kind).toBe("none");
    expect(await bank.chips()).toEqual([]);
    const input = bank.input(pin, { activeLow: false, debounceMs: 0 });
    await expect(input).rejects.toBeInstanceOf(GpioLineError);
    await expect(bank.output(pin, idle)).rejects.toThrow(/no GPIO chips/);
    await bank.close();
  });

  it("finds a chip that is plugged in later", async () => {
    const { bank, deviceRoot } = setUp({});
    await bank.output(pin, idle).catch(() => undefined);
    writeFileSync(join(deviceRoot, "gpiochip9"), "");
    expect(bank.kind).toBe("chardev");
  });
});
