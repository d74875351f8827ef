import type { Scenario } from "../guest/scenario.ts";
import { adminTerminal } from "./admin-terminal.ts";
import { ch9329 } from "./ch9329.ts";
import { gpioCharacterDevice, gpioOnoff } from "./gpio.ts";
import { hardKill } from "./hard-kill.ts";
import { journal } from "./journal.ts";
import { service } from "./service.ts";
import { settings } from "./settings.ts";
import { stop } from "./stop.ts";
import { usbDisk } from "./usb-disk.ts";
import { usbInput } from "./usb-input.ts";
import { usbReplug } from "./usb-replug.ts";
import { video } from "./video.ts";
import { watchdog } from "./watchdog.ts";

/**
 * In the order in which they run. Those of each setup have a machine of their own, which wakes with the daemon configured
 * so; the last ones run in that whose power was cut, in the setup "chip", which takes less time.
 */
export const SCENARIOS: Readonly<Record<"gadget" | "chip" | "afterCuts", readonly Scenario[]>> = {
  gadget: [
    service,
    usbInput,
    usbReplug,
    usbDisk,
    gpioOnoff,
    video,
    journal,
    settings,
    adminTerminal,
  ],
  chip: [ch9329, gpioCharacterDevice, hardKill],
  afterCuts: [watchdog, stop],
};
