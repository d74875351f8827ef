import { describeError } from "../../core/errors.ts";
import type { Config } from "../../config/schema.ts";
import type { GpioChipInfo } from "../../platform/gpio/port.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

const ATX_PINS = ["powerSwitch", "resetSwitch", "powerLed", "hddLed"] as const;

function findChip(chips: readonly GpioChipInfo[], name: string): GpioChipInfo | undefined {
  const bare = name.replace(/^\/dev\//, "");
  return chips.find((chip) => chip.name === bare || chip.label === name);
}

/** Whether the configured ATX lines exist. */
function checkPins(atx: Config["device"]["atx"], chips: readonly GpioChipInfo[]): DoctorFinding[] {
  return ATX_PINS.flatMap((key): DoctorFinding[] => {
    const pin = atx[key];
    if (typeof pin === "string") return [];
    const chip = findChip(chips, pin.chip);
    const place = `device.atx.${key} (${pin.chip} line ${pin.line})`;
    if (chip !== undefined && pin.line < chip.lines) return [];
    const problem =
      chip === undefined ? "there is no such chip" : `it has ${chip.lines} lines only`;
    const cure = "Set the pin to a chip and line of this machine, or to none";
    return [{ check: "atx", level: "missing", message: `${place}: ${problem}`, cure }];
  });
}

function checkAtx(context: DoctorContext, chips: readonly GpioChipInfo[]): DoctorFinding[] {
  const { atx } = context.config.device;
  if (atx.enabled === false) {
    const cure = "Wire the buttons and set the pins under device.atx, if power control is wanted";
    return [{ check: "atx", level: "warn", message: "ATX control is off: no pins", cure }];
  }
  const broken = checkPins(atx, chips);
  return broken.length > 0 ? broken : [fine("atx", "The lines of the ATX board exist")];
}

/** GPIO chips and the lines that the configuration names. */
export async function checkGpio(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { gpio } = context.platform;
  try {
    const chips = await gpio.chips();
    if (chips.length > 0) {
      const list = chips.map((chip) => `${chip.name} (${chip.label}, ${chip.lines} lines)`);
      const found = fine("gpio", `By ${gpio.kind}: ${list.join(", ")}`);
      return [found, ...checkAtx(context, chips)];
    }
    const cure =
      "Needed for ATX buttons and relays on GPIO lines only; boards have them, computers rarely";
    const message = "No GPIO chip";
    return [{ check: "gpio", level: "warn", message, cure }, ...checkAtx(context, [])];
  } catch (error) {
    const cure = "Follow the message; membership of group gpio is usually what is missing";
    return [{ check: "gpio", level: "missing", message: describeError(error), cure }];
  }
}
