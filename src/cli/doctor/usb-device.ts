import { boardPreset } from "../../config/boards.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

/** USB device controllers, with which a board can play keyboard and disk itself. */
export async function checkUsbDevice(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { config, inventory, platform } = context;
  const controllers = await inventory.names("/sys/class/udc");
  if (controllers.length > 0) return [fine("udc", controllers.join(", "))];
  const { gadget } = boardPreset(config.device.board);
  const cure =
    gadget.isPossible || platform.kind === "sim"
      ? "Enable it if the board has one: on a Raspberry Pi add dtoverlay=dwc2 to config.txt and restart"
      : "This board cannot be a USB device: use a CH9329 cable for keyboard and mouse";
  const message = "No USB device controller (/sys/class/udc)";
  return [{ check: "udc", level: "warn", message, cure }];
}
