import { describeError } from "../../core/errors.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

async function portPaths({ config, platform, inventory }: DoctorContext): Promise<string[]> {
  const { serialPath, serialCandidates } = config.device.hid;
  if (serialPath !== "auto") return [serialPath];
  const listed = await platform.serial.list();
  const usb = listed.filter((port) => port.vendorId !== undefined);
  const present: string[] = [];
  for (const path of serialCandidates) {
    if ((await inventory.node(path)) !== undefined) present.push(path);
  }
  return [...new Set([...present, ...usb.map((port) => port.stablePath ?? port.path)])];
}

async function probePort(context: DoctorContext, path: string): Promise<DoctorFinding> {
  try {
    const chip = await context.probe(path);
    if (chip !== undefined) return fine("serial", chip);
    return {
      check: "serial",
      level: "warn",
      message: `${path}: opened, but no HID chip answers`,
      cure: "Check wiring (RX to TX), power and mode pins of the chip; other devices on this port are left alone",
    };
  } catch (error) {
    return {
      check: "serial",
      level: "missing",
      message: `${path}: ${describeError(error)}`,
      cure: "If the Farhand service runs, it holds the port: stop it before this check; else follow the message",
    };
  }
}

/** Serial ports and the chip that answers on each. */
export async function checkSerial(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const paths = await portPaths(context);
  if (paths.length === 0) {
    const cure = "Plug in a CH9329 cable, or name its port in device.hid.serialPath";
    const message = "No serial port that could carry a HID chip";
    return [{ check: "serial", level: "missing", message, cure }];
  }
  const findings: DoctorFinding[] = [];
  for (const path of paths) findings.push(await probePort(context, path));
  return findings;
}
