import { probeHidChip } from "../../device/hid/probe.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ProbeSerialPort } from "./finding.ts";

/** Probes for every kind of chip that the program can drive. */
export function createSerialProbe(platform: Pick<Platform, "serial" | "clock">): ProbeSerialPort {
  const { serial, clock } = platform;
  return async (path) => {
    // The probe itself does not tell why a port cannot be opened.
    const link = await serial.open(path, { baudRate: 9600 });
    await link.close();
    const found = await probeHidChip(serial, path, clock);
    return found?.description;
  };
}
