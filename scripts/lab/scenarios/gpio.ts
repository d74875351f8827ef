// Power and reset buttons and the lights of the case on a simulated chip: the length of presses at the far end of the
// line, and lights that clients are told.
import { call, get, openWs, post } from "../guest/api.ts";
import { levelOf, LINE, LineWatch, pull } from "../guest/lines.ts";
import { until } from "../guest/wait.ts";
import type { Lab, Scenario } from "../guest/scenario.ts";

const CLICK_MS = 500;
const LONG_CLICK_MS = 2000;
/** An emulated machine is late now and then; a press must never be shorter, but for the resolution of timers. */
const EARLY_MS = 15;
const LATE_MS = 400;

interface Press {
  readonly button: "power" | "power_long" | "reset";
  readonly line: number;
  /** The level that presses. */
  readonly active: boolean;
  readonly lengthMs: number;
}

async function measurePress(lab: Lab, { button, line, active, lengthMs }: Press): Promise<void> {
  const watch = new LineWatch(line);
  await post(`/api/atx/click?button=${button}&wait=1`);
  const pulses = await until("the press is over", () => {
    const seen = watch.pulses(active);
    return seen.length > 0 && seen;
  });
  watch.close();
  const [{ least, most } = { least: 0, most: 0 }] = pulses;
  const fits = most >= lengthMs - EARLY_MS && least <= lengthMs + LATE_MS;
  lab.check(`"${button}" is one press of ${lengthMs} ms`, pulses.length === 1 && fits, pulses);
  lab.measure(button, (least + most) / 2, "ms");
}

async function watchLights({ check, measure }: Lab): Promise<void> {
  const ws = await openWs();
  await ws.waitFor("atx");
  const said = (power: boolean, hdd: boolean) => (event: Readonly<Record<string, unknown>>) =>
    JSON.stringify(event["leds"]) === JSON.stringify({ power, hdd });
  const changedAt = performance.now();
  pull(LINE.powerLed, true);
  await ws.waitFor("atx", said(true, false));
  measure("light to client", performance.now() - changedAt, "ms");
  pull(LINE.hddLed, true);
  await ws.waitFor("atx", said(true, true));
  check("both lights of the case are told to clients", true);
  pull(LINE.hddLed, false);
  pull(LINE.powerLed, false);
  await until("the lights are out", async () => {
    const { leds } = await get<{ leds: { power: boolean; hdd: boolean } }>("/api/atx");
    return !leds.power && !leds.hdd;
  });
  check("and when they go out", true);
  await ws.close();
}

const gpio = (name: string): Scenario => ({
  name,
  async run(lab) {
    await until("both switches are idle", () => {
      return !levelOf(LINE.powerSwitch) && levelOf(LINE.resetSwitch);
    });
    lab.check("both switches are idle, the inverted one high", true);
    await measurePress(lab, {
      button: "power",
      line: LINE.powerSwitch,
      active: true,
      lengthMs: CLICK_MS,
    });
    await measurePress(lab, {
      button: "reset",
      line: LINE.resetSwitch,
      active: false,
      lengthMs: CLICK_MS,
    });
    await watchLights(lab);
    const long = measurePress(lab, {
      button: "power_long",
      line: LINE.powerSwitch,
      active: true,
      lengthMs: LONG_CLICK_MS,
    });
    await until("the long press began", () => levelOf(LINE.powerSwitch));
    const { status } = await call("POST", "/api/atx/click?button=power");
    lab.check("a second press meanwhile is refused", status === 409, status);
    await long;
  },
});

export const gpioOnoff = gpio("gpio-onoff");
export const gpioCharacterDevice = gpio("gpio-character-device");
