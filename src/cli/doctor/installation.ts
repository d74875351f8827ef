import type { SocketAnswer } from "../../platform/inventory/port.ts";
import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

/** The line of Node.js that the packages' native parts are compiled for. */
const PACKAGED_MAJOR = 20;
const OLDEST = [20, 19] as const;
/** Where packages put the program. */
const PACKAGED_PLACE = "/usr/lib/farhand/";

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

/** The Node.js that runs this. */
export function checkRuntime({ inventory }: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { version, program, script } = inventory.runtime();
  const message = `Node.js ${version} (${program})`;
  const warning = (level: "warn" | "missing", cure: string): readonly DoctorFinding[] => [
    { check: "runtime", level, message, cure },
  ];
  if (isTooOld(version)) {
    const cure = "20.19 or newer is needed: install farhand-runtime, or a newer nodejs";
    return Promise.resolve(warning("missing", cure));
  }
  const isPackaged = script.startsWith(PACKAGED_PLACE);
  if (isPackaged && Number.parseInt(version, 10) !== PACKAGED_MAJOR) {
    const cure = `The native parts of the package are compiled for Node.js ${PACKAGED_MAJOR}: install farhand-runtime, which has it`;
    return Promise.resolve(warning("warn", cure));
  }
  return Promise.resolve([fine("runtime", message)]);
}

const HELPER_CURES: Readonly<Record<Exclude<SocketAnswer, "listening">, string>> = {
  absent: "sudo systemctl enable --now farhand-gadget; journalctl -u farhand-gadget says more",
  silent: "sudo systemctl restart farhand-gadget; journalctl -u farhand-gadget says more",
  forbidden: "Only the group of the service may ask: try 'sudo -u farhand farhand doctor'",
};

const HELPER_PROBLEMS: Readonly<Record<Exclude<SocketAnswer, "listening">, string>> = {
  absent: "is not there",
  silent: "is there, but nobody listens",
  forbidden: "may not be used by this account",
};

/** The privileged half of the USB gadget, where there is something for it to do. */
export async function checkGadgetHelper(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { config, inventory } = context;
  const { enabled, helperSocket } = config.device.gadget;
  const controllers = await inventory.names("/sys/class/udc");
  const isWanted = config.roles.includes("device") && enabled !== false && controllers.length > 0;
  if (!isWanted) return [];
  const answer = await inventory.socket(helperSocket);
  if (answer === "listening") return [fine("gadget", `The helper listens on ${helperSocket}`)];
  const { uid } = await inventory.user();
  if (answer === "absent" && uid === 0) {
    return [fine("gadget", "Without helper: root makes the gadget itself")];
  }
  const message = `The helper's socket ${helperSocket} ${HELPER_PROBLEMS[answer]}`;
  return [{ check: "gadget", level: "missing", message, cure: HELPER_CURES[answer] }];
}

/** Input devices that the gadget has made. */
export async function checkInputDevices(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { inventory } = context;
  const names = (await inventory.names("/dev")).filter((name) => /^hidg\d+$/.test(name));
  const findings = names.map(async (name): Promise<DoctorFinding> => {
    const node = await inventory.node(`/dev/${name}`);
    if (node?.readable === true && node.writable) return fine("hidg", node.path);
    const message = `/dev/${name} may not be used by this account`;
    const cure =
      "sudo udevadm trigger --subsystem-match=hidg; the rule 60-farhand.rules gives them to the group farhand";
    return { check: "hidg", level: "missing", message, cure };
  });
  return Promise.all(findings);
}
