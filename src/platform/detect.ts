import type { FileStore } from "./files/port.ts";
import type { BoardIdentity } from "./host/port.ts";

/** WCH makes the bridges and the HID chips that KVM cables are built from. */
const WCH_VENDOR = /(^|[^0-9a-f])1a86([^0-9a-f]|$)/i;

/**
 * Whether this machine looks like a KVM box: a board with a preset of its own, a USB device controller that could
 * play keyboard, or a serial adapter of the usual HID cables.
 */
export async function hasKvmHardware(files: FileStore, identity: BoardIdentity): Promise<boolean> {
  if (identity.preset !== "generic") return true;
  const controllers = await files.list("/sys/class/udc");
  if (controllers.length > 0) return true;
  const adapters = await files.list("/dev/serial/by-id");
  return adapters.some((name) => WCH_VENDOR.test(name));
}
