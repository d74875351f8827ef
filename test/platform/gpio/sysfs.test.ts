import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { GpioLineError } from "../../../src/platform/gpio/port.ts";
import { createSysfsGpioBank } from "../../../src/platform/gpio/sysfs.ts";
import { readSysfsChips } from "../../../src/platform/gpio/sysfs-tree.ts";
import { gpioContract } from "../../contract/gpio.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import type { FakeClock } from "../../support/fake-clock.ts";
import { applyOutside, levelOf, lineAt } from "../../support/fake-gpio.ts";
import { fakeSysfs } from "../../support/fake-gpio-sysfs.ts";
import type { FakeSysfs, FakeSysfsOptions } from "../../support/fake-gpio-sysfs.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Plays the kernel until a request has finished; fake time passes only while the request waits for it. */
async function serve<T>(sysfs: FakeSysfs, clock: FakeClock, request: Promise<T>): Promise<T> {
  const timers = clock.pending;
  const progress = { isDone: false };
  const settled = request
    .catch(() => undefined)
    .then(() => {
      progress.isDone = true;
    });
  while (!progress.isDone) {
    sysfs.service();
    if (clock.pending > timers) await clock.advance(20);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  await settled;
  return request;
}

function setUp(options: FakeSysfsOptions) {
  const sysfs = fakeSysfs(tempDir(), options);
  const clock = fakeClock();
  const bank = createSysfsGpioBank({
    clock,
    log: silentLogger,
    root: sysfs.root,
    openLine: sysfs.openLine,
  });
  const run = <T>(request: Promise<T>): Promise<T> => serve(sysfs, clock, request);
  return { sysfs, clock, bank, run };
}

function harness(options: FakeSysfsOptions) {
  const { sysfs, clock, bank, run } = setUp(options);
  return {
    bank,
    clock,
    run,
    chipNames: ["gpiochip0", "/dev/gpiochip0", "pinctrl-test", `gpiochip${options.base}`],
    chipLines: 32,
    apply: (line: number, level: boolean) => applyOutside(lineAt(sysfs.chip, line), level),
    levelOf: (line: number) => levelOf(lineAt(sysfs.chip, line)),
    history: (line: number) => lineAt(sysfs.chip, line).history,
  };
}

gpioContract("SysfsGpioBank, lines from 0", () => harness({ base: 0 }));
gpioContract("SysfsGpioBank, lines from 512", () => harness({ base: 512 }));
gpioContract("SysfsGpioBank, no edges", () => harness({ base: 512, hasEdges: false }));

const pin = { chip: "gpiochip0", line: 23 };
const idle = { initial: false, activeLow: false };

describe("SysfsGpioBank", () => {
  it("exports base plus line and unexports it on close", async () => {
    const { sysfs, bank, run } = setUp({ base: 512 });
    const opened: number[] = [];
    const counting = createSysfsGpioBank({
      clock: fakeClock(),
      log: silentLogger,
      root: sysfs.root,
      openLine: (number, direction, edge) => {
        opened.push(number);
        return sysfs.openLine(number, direction, edge);
      },
    });
    await run(bank.output({ chip: "pinctrl-test", line: 3 }, idle));
    mkdirSync(join(sysfs.root, "gpio535"));
    for (const [file, text] of Object.entries({ value: "0", direction: "in", active_low: "0" })) {
      writeFileSync(join(sysfs.root, "gpio535", file), text);
    }
    const line = await counting.output(pin, idle);
    expect(opened).toEqual([535]);
    expect(sysfs.isExported(23)).toBe(true);
    await line.close();
    expect(sysfs.isExported(23)).toBe(false);
  });

  it("reads the level of a taken-over line past the polarity that somebody left behind", async () => {
    const { sysfs, bank, run } = setUp({ base: 512 });
    writeFileSync(join(sysfs.root, "export"), "535");
    sysfs.service();
    writeFileSync(join(sysfs.root, "gpio535", "active_low"), "1");
    writeFileSync(join(sysfs.root, "gpio535", "value"), "0");
    await run(bank.output(pin, { initial: undefined, activeLow: false }));
    expect(lineAt(sysfs.chip, 23).history).toEqual([true]);
    expect(readFileSync(join(sysfs.root, "gpio535", "active_low"), "utf8").trim()).toBe("0");
  });

  it("gives up, and gives the line back, when its files do not appear", async () => {
    const { sysfs, bank, run } = setUp({ base: 512, isDead: true });
    await expect(run(bank.output(pin, idle))).rejects.toThrow(/gpiochip0 line 23.*not there/);
    sysfs.service();
    expect(sysfs.unexported).toEqual([535]);
  });

  it("does not trust a line that keeps another direction", async () => {
    const { sysfs, bank, run } = setUp({ base: 512, fixedDirection: "in" });
    await expect(run(bank.output(pin, idle))).rejects.toThrow(/stays an 'in' line/);
    expect(sysfs.isExported(23)).toBe(false);
    await expect(run(bank.input(pin, { activeLow: false, debounceMs: 0 }))).resolves.toMatchObject(
      {},
    );
  });

  it("tells which chips there are when it does not find one", async () => {
    const { bank, run } = setUp({ base: 512 });
    await expect(run(bank.output({ chip: "gpiochip7", line: 0 }, idle))).rejects.toThrow(
      /gpiochip0 \(pinctrl-test, 32 lines\)/,
    );
  });

  it("names the cure when the kernel refuses an operation", async () => {
    const { sysfs, clock } = setUp({ base: 512 });
    const bank = createSysfsGpioBank({
      clock,
      log: silentLogger,
      root: sysfs.root,
      openLine: () => {
        throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
      },
    });
    await expect(serve(sysfs, clock, bank.output(pin, idle))).rejects.toThrow(
      /another program holds it.*EBUSY/,
    );
  });

  it("releases a line that vanished without failing", async () => {
    const { sysfs, clock } = setUp({ base: 512 });
    const bank = createSysfsGpioBank({
      clock,
      log: silentLogger,
      root: sysfs.root,
      openLine: (...request) => ({
        ...sysfs.openLine(...request),
        writeSync: () => {
          throw Object.assign(new Error("ENODEV"), { code: "ENODEV" });
        },
      }),
    });
    const line = await serve(sysfs, clock, bank.output(pin, idle));
    await expect(line.write(true)).rejects.toBeInstanceOf(GpioLineError);
    await line.close();
    expect(sysfs.isExported(23)).toBe(false);
  });
});

describe("readSysfsChips", () => {
  it("finds nothing where the kernel has no such folder", async () => {
    expect(await readSysfsChips(join(tempDir(), "missing"))).toEqual([]);
  });

  it("leaves out chips whose files are unreadable or nonsense", async () => {
    const { root } = fakeSysfs(tempDir(), { base: 512 });
    mkdirSync(join(root, "gpiochip100"));
    mkdirSync(join(root, "gpiochip200"));
    for (const file of ["base", "ngpio", "label"])
      writeFileSync(join(root, "gpiochip200", file), "?");
    expect((await readSysfsChips(root)).map((chip) => chip.base)).toEqual([512]);
  });

  it("refuses to guess between chips of one parent device", async () => {
    const { sysfs, bank, run } = setUp({ base: 512 });
    const device = join(sysfs.root, "..", "devices", "soc-gpio");
    mkdirSync(join(device, "gpiochip1"));
    const path = join(sysfs.root, "gpiochip544");
    mkdirSync(path);
    for (const [file, text] of Object.entries({ base: "544", ngpio: "8", label: "aux" })) {
      writeFileSync(join(path, file), text);
    }
    symlinkSync(device, join(path, "device"));
    await expect(run(bank.output(pin, idle))).rejects.toThrow(/ambiguous.*label/);
    await expect(run(bank.output({ chip: "pinctrl-test", line: 23 }, idle))).resolves.toBeDefined();
  });
});
