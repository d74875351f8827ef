import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { createCharDeviceGpioBank } from "../../../src/platform/gpio/chardev.ts";
import { gpioContract } from "../../contract/gpio.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { applyOutside, errno, fakeChip, levelOf, lineAt } from "../../support/fake-gpio.ts";
import { fakeCharDevice } from "../../support/fake-gpio-chardev.ts";
import { tempDir } from "../../support/temp-dir.ts";

function setUp({ canDebounce = true } = {}) {
  const clock = fakeClock();
  const root = tempDir();
  const chip = fakeChip("gpiochip0", "pinctrl-test", 16);
  const other = fakeChip("gpiochip1", "aobus-banks", 8);
  const device = fakeCharDevice(root, { chips: [chip, other], clock, canDebounce });
  const bank = createCharDeviceGpioBank({ clock, log: silentLogger, root, device });
  return { clock, root, chip, other, device, bank };
}

function harness(canDebounce: boolean) {
  const { clock, chip, bank } = setUp({ canDebounce });
  return {
    bank,
    clock,
    run: <T>(request: Promise<T>): Promise<T> => request,
    chipNames: ["gpiochip0", "/dev/gpiochip0", "pinctrl-test"],
    chipLines: 16,
    apply: (line: number, level: boolean) => applyOutside(lineAt(chip, line), level),
    levelOf: (line: number) => levelOf(lineAt(chip, line)),
    history: (line: number) => lineAt(chip, line).history,
  };
}

gpioContract("CharDeviceGpioBank", () => harness(true));
gpioContract("CharDeviceGpioBank, lines without interrupts", () => harness(false));

const pin = { chip: "gpiochip0", line: 7 };
const idle = { initial: false, activeLow: false };

describe("CharDeviceGpioBank", () => {
  it("names itself as the holder of the line", async () => {
    const { bank, chip } = setUp();
    await bank.output(pin, idle);
    expect(lineAt(chip, 7).holder).toBe("farhand");
  });

  it("finds a line on a second chip by its label", async () => {
    const { bank, chip, other } = setUp();
    await bank.output({ chip: "aobus-banks", line: 7 }, { initial: false, activeLow: true });
    expect(lineAt(other, 7).history).toEqual([true]);
    expect(lineAt(chip, 7).history).toEqual([]);
  });

  it("says who may hold a line that is taken", async () => {
    const { bank, chip } = setUp();
    lineAt(chip, 7).holder = "ir-receiver";
    await expect(bank.output(pin, idle)).rejects.toThrow(/gpiochip0 line 7.*gpioinfo.*EBUSY/);
    await expect(bank.input(pin, { activeLow: false, debounceMs: 100 })).rejects.toThrow(/EBUSY/);
  });

  it("leaves no descriptor open, whatever failed", async () => {
    const { bank, device, chip } = setUp();
    lineAt(chip, 6).holder = "somebody";
    await bank.output({ chip: "gpiochip0", line: 6 }, idle).catch(() => undefined);
    await bank.output({ chip: "gpiochip0", line: 99 }, idle).catch(() => undefined);
    await bank.chips();
    expect(device.openCount).toBe(0);
    const line = await bank.output(pin, { initial: undefined, activeLow: false });
    expect(device.openCount).toBe(1);
    await line.close();
    expect(device.openCount).toBe(0);
  });

  it("releases the line when the kernel refuses to make it an output", async () => {
    const { clock, root, device, chip } = setUp();
    const bank = createCharDeviceGpioBank({
      clock,
      log: silentLogger,
      root,
      device: {
        ...device,
        ioctl: (fd, request, data) => {
          if (request === 0xc110_b40d) throw errno("EINVAL");
          device.ioctl(fd, request, data);
        },
      },
    });
    const request = bank.output(pin, { initial: undefined, activeLow: false });
    await expect(request).rejects.toThrow(/EINVAL/);
    expect(lineAt(chip, 7).holder).toBeUndefined();
  });

  it("reports missing permission for a chip asked for by name, and lists it without lines", async () => {
    const { clock, root } = setUp();
    const bank = createCharDeviceGpioBank({
      clock,
      log: silentLogger,
      root,
      device: {
        open: () => {
          throw errno("EACCES");
        },
        ioctl: () => undefined,
        close: () => undefined,
      },
    });
    await expect(bank.output(pin, idle)).rejects.toThrow(/group 'gpio'.*EACCES/);
    await expect(bank.output({ chip: "pinctrl-test", line: 1 }, idle)).rejects.toThrow(
      /gpiochip0 \(not readable\)/,
    );
    expect(await bank.chips()).toContainEqual({ name: "gpiochip0", label: "", lines: 0 });
  });

  it("keeps the last level of an input that cannot be read and recovers", async () => {
    const { clock, root, device, chip } = setUp();
    let isBroken = false;
    const bank = createCharDeviceGpioBank({
      clock,
      log: silentLogger,
      root,
      device: {
        ...device,
        ioctl: (...request) => {
          if (isBroken) throw errno("EIO");
          device.ioctl(...request);
        },
      },
    });
    const line = await bank.input(pin, { activeLow: false, debounceMs: 0 });
    isBroken = true;
    applyOutside(lineAt(chip, 7), true);
    await clock.advance(200);
    expect(line.level.value).toBe(false);
    isBroken = false;
    await clock.advance(50);
    expect(line.level.value).toBe(true);
  });

  it("ignores files that are not chips", async () => {
    const { root, bank } = setUp();
    writeFileSync(join(root, "gpiomem"), "");
    expect((await bank.chips()).map((chip) => chip.name)).toEqual(["gpiochip0", "gpiochip1"]);
  });
});
