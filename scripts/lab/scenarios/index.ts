import type { Scenario } from "../guest/scenario.ts";
import { adminTerminal } from "./admin-terminal.ts";
import { ch9329 } from "./ch9329.ts";
import { gpioCharacterDevice, gpioOnoff } from "./gpio.ts";
import { hardKill } from "./hard-kill.ts";
import { journal } from "./journal.ts";
import { service } from "./service.ts";
import { stop } from "./stop.ts";
import { usbDisk } from "./usb-disk.ts";
import { usbInput } from "./usb-input.ts";
import { usbReplug } from "./usb-replug.ts";
import { video } from "./video.ts";
import { watchdog } from "./watchdog.ts";

/** In the order in which they run: those of one setup beside each other, since a change restarts the daemon. */
export const SCENARIOS: readonly Scenario[] = [
  service,
  usbInput,
  usbReplug,
  usbDisk,
  gpioOnoff,
  video,
  journal,
  adminTerminal,
  ch9329,
  gpioCharacterDevice,
  hardKill,
  watchdog,
  stop,
];
