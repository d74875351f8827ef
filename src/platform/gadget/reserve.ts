import { join } from "node:path";
import { hidFunctionName } from "./functions.ts";
import type { TreeFiles } from "./tree-files.ts";

/** Made before the helper starts: a gadget with one input function that nobody uses. */
export const RESERVE = "/sys/kernel/config/usb_gadget/farhand-reserve";
const RESERVED_FUNCTION = "functions/hid.reserve";

/**
 * Takes the place holder away that has fixed the number of the input devices: it counts as one of the four that the
 * kernel can have. The number stays only as long as there is a function, so one of the real gadget is made first; the
 * plan finds it as it would have made it.
 */
export function takeOverReserve(files: TreeFiles, gadget: string, reserve: string): void {
  if (!files.exists(reserve)) return;
  if (files.exists(join(reserve, RESERVED_FUNCTION))) {
    const first = join(gadget, "functions", hidFunctionName("keyboard"));
    if (!files.exists(gadget)) files.mkdir(gadget);
    if (!files.exists(first)) files.mkdir(first);
    files.rmdir(join(reserve, RESERVED_FUNCTION));
  }
  files.rmdir(reserve);
}
