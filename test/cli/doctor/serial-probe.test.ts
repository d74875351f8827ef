import { describe, expect, it } from "vitest";
import { createSerialProbe } from "../../../src/cli/doctor/serial-probe.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { createCh9329Chip } from "../../../src/platform/sim/ch9329-chip.ts";
import {
  createSimSerialBus,
  makeMemoryLine,
  SIM_SERIAL_PATH,
} from "../../../src/platform/sim/serial.ts";
import { createTargetPc } from "../../../src/platform/sim/target-pc.ts";

function simulated() {
  const target = createTargetPc(systemClock, { isOn: true });
  const chip = createCh9329Chip({ clock: systemClock, target, wireTiming: false });
  const serial = createSimSerialBus(chip, makeMemoryLine);
  return createSerialProbe({ serial, clock: systemClock });
}

describe("the probe of a serial port", () => {
  it("names the chip that answers", async () => {
    const found = await simulated()(SIM_SERIAL_PATH);
    expect(found).toMatch(/^CH9329 V\d\.\d at 9600 baud on \/dev\/ttySIM0$/);
  });

  it("rejects with the reason when there is no such port", async () => {
    await expect(simulated()("/dev/ttyNONE")).rejects.toThrow(/ttyNONE/);
  });
});
