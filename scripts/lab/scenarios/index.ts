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
 * In the order in which they run: those of one setup beside each other, since a change restarts the daemon. The main ones
 * have a machine of their own; the others run in that whose power was cut, which takes less time.
 */
export const SCENARIOS: Readonly<Record<"main" | "afterCuts", readonly Scenario[]>> = {
  main: [
    service,
    usbInput,
    usbReplug,
    usbDisk,
    gpioOnoff,
    video,
    journal,
    settings,
    adminTerminal,
    ch9329,
    gpioCharacterDevice,
    hardKill,
  ],
  afterCuts: [watchdog, stop],
};
