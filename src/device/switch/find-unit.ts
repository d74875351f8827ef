import type { FileStore } from "../../platform/files/port.ts";
import type { SerialBus, SerialPortInfo } from "../../platform/serial/port.ts";

/** The name that PiKVM's udev rule gives to the unit. */
const PIKVM_NAME = "/dev/kvmd-switch";
/** How that rule knows it: a Raspberry Pi Pico with a product number of its own. */
const VENDOR = "2e8a";
const PRODUCT = "1080";

/** Whether a PiKVM Switch is behind a port. */
export function isSwitchPort({ vendorId, productId }: SerialPortInfo): boolean {
  return vendorId === VENDOR && productId === PRODUCT;
}

export interface FindUnitOptions {
  /** `auto` looks for a unit; anything else is a path. */
  readonly serialPath: string;
  readonly serial: Pick<SerialBus, "list">;
  readonly files: Pick<FileStore, "fingerprint">;
}

/** Path of the unit, undefined while there is none. Never rejects: a list that cannot be had is empty. */
export async function findUnit({
  serialPath,
  serial,
  files,
}: FindUnitOptions): Promise<string | undefined> {
  const isAuto = serialPath === "auto";
  const path = isAuto ? PIKVM_NAME : serialPath;
  if (files.fingerprint(path) !== undefined) return path;
  if (!isAuto) return undefined;
  const ports = await serial.list().catch(() => []);
  return ports.find(isSwitchPort)?.path;
}
