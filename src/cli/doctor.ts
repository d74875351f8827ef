import { describeError } from "../core/errors.ts";
import type { CliArgs } from "./args.ts";
import { checkBoard } from "./doctor/board.ts";
import { checkCertificates } from "./doctor/certificates.ts";
import type { DoctorCheck, DoctorContext, DoctorFinding } from "./doctor/finding.ts";
import { checkGadgetHelper, checkInputDevices, checkRuntime } from "./doctor/installation.ts";
import { checkGpio } from "./doctor/gpio.ts";
import { checkProxyCore } from "./doctor/proxy-core.ts";
import { checkSerial } from "./doctor/serial.ts";
import { checkAddons, checkJournal, checkPermissions, checkStorage } from "./doctor/system.ts";
import { checkUsbDevice } from "./doctor/usb-device.ts";
import { checkPictureTools, checkStreamer, checkVideo } from "./doctor/video.ts";
import type { CliOutput } from "./output.ts";

const CHECKS: readonly (readonly [string, DoctorCheck])[] = [
  ["board", checkBoard],
  ["serial", checkSerial],
  ["gpio", checkGpio],
  ["udc", checkUsbDevice],
  ["gadget", checkGadgetHelper],
  ["hidg", checkInputDevices],
  ["video", checkVideo],
  ["ustreamer", checkStreamer],
  ["picture", checkPictureTools],
  ["proxy", checkProxyCore],
  ["journal", checkJournal],
  ["permissions", checkPermissions],
  ["runtime", checkRuntime],
  ["addon", checkAddons],
  ["data", checkStorage],
  ["tls", checkCertificates],
];

/** Looks at everything once; a check that fails itself is a finding too. */
export async function examine(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const [name, check] of CHECKS) {
    try {
      findings.push(...(await check(context)));
    } catch (error) {
      const message = `Could not be looked at: ${describeError(error)}`;
      findings.push({ check: name, level: "warn", message, cure: "Follow the message" });
    }
  }
  return findings;
}

function report(findings: readonly DoctorFinding[]): string {
  const lines = findings.flatMap(({ check, level, message, cure }) => [
    `${level.padEnd(7)}  ${check.padEnd(11)}  ${message}`,
    ...(cure === undefined ? [] : [`${" ".repeat(22)}-> ${cure}`]),
  ]);
  return lines.join("\n");
}

/**
 * `farhand doctor [--json]`: what was found, each with its cure. The status is 0 whenever the examination came to its
 * end: what is missing here may not be needed. Opens serial ports for a moment; presses nothing.
 */
export async function doctorCommand(
  args: CliArgs,
  out: CliOutput,
  context: DoctorContext,
): Promise<number> {
  const findings = await examine(context);
  if (args.switches.has("json")) {
    const { kind } = context.platform;
    out.stdout(JSON.stringify({ platform: kind, findings }, undefined, 2));
  } else out.stdout(report(findings));
  return 0;
}
