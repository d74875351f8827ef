import { fine } from "./finding.ts";
import type { DoctorContext, DoctorFinding } from "./finding.ts";

/** Where the log is read from. */
export async function checkJournal(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { journal, process } = context.platform;
  const program = await process.which("journalctl");
  if (journal.kind === "journald") {
    const place = program ?? "not found, but in use";
    return [fine("journal", `journald (journalctl: ${place})`)];
  }
  const message = "No journald: the log of this run only, kept in memory";
  const cure =
    program === undefined
      ? "Normal in containers; with systemd the log survives restarts"
      : "Start Farhand as a systemd service to read the journal";
  return [{ check: "journal", level: "warn", message, cure }];
}

/** Groups that own the hardware, with what they open. */
const GROUPS: readonly (readonly [string, string])[] = [
  ["dialout", "serial ports"],
  ["gpio", "GPIO lines"],
  ["video", "capture devices"],
  ["systemd-journal", "the log of earlier starts"],
];

/** The account of the packaged service. */
export const SERVICE = "farhand";

/** Groups of an account by /etc/passwd and /etc/group; undefined when there is no such account. */
async function accountOf(name: string, { inventory }: DoctorContext) {
  const users = (await inventory.text("/etc/passwd")) ?? "";
  if (!new RegExp(`^${name}:`, "m").test(users)) return undefined;
  const rows = ((await inventory.text("/etc/group")) ?? "").split("\n");
  const groups = rows.flatMap((row) => {
    const [group = "", , , members = ""] = row.split(":");
    return group === name || members.split(",").includes(name) ? [group] : [];
  });
  return { name, uid: undefined, groups };
}

/** Whose permissions matter: root looks on behalf of the service, whose number is not told. */
export async function subjectOf(context: DoctorContext) {
  const user = await context.inventory.user();
  return user.uid === 0 ? ((await accountOf(SERVICE, context)) ?? user) : user;
}

/** Whether the account may use the hardware. */
export async function checkPermissions(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const user = await subjectOf(context);
  if (user.uid === 0) {
    const cure = "Run as a user of its own; the service file makes one";
    const message = "Runs as root: everything is permitted, which is more than needed";
    return [{ check: "permissions", level: "warn", message, cure }];
  }
  const known = (await context.inventory.text("/etc/group")) ?? "";
  const missing = GROUPS.filter(
    ([group]) => !user.groups.includes(group) && new RegExp(`^${group}:`, "m").test(known),
  );
  if (missing.length === 0) {
    return [fine("permissions", `${user.name}, groups ${user.groups.join(", ")}`)];
  }
  return missing.map(([group, purpose]) => ({
    check: "permissions",
    level: "warn",
    message: `${user.name} is not in group ${group}, which opens ${purpose}`,
    cure:
      user.name === SERVICE
        ? `sudo usermod -aG ${group} ${SERVICE} && sudo systemctl restart farhand`
        : `sudo usermod -aG ${group} ${user.name}, then log in again`,
  }));
}

/** Native packages with what needs them. */
const ADDONS: readonly (readonly [string, string])[] = [
  ["serialport", "keyboard and mouse over a serial chip"],
  ["onoff", "GPIO through sysfs"],
  ["koffi", "GPIO through the character device"],
  ["node-pty", "terminal and simulated serial port"],
  ["better-sqlite3", "the hub's history"],
];

/** npm leaves an optional package out when it cannot be compiled; `npm rebuild` then finds nothing to do. */
const ADDON_CURE =
  "Installed as a package: sudo apt install --reinstall farhand. From its sources: sudo apt install build-essential python3, then npm ci --include=optional";

/** Native packages, each of which is optional. */
export async function checkAddons(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const [name, purpose] of ADDONS) {
    const failure = await context.inventory.addonFailure(name);
    if (failure === undefined) findings.push(fine("addon", `${name} (${purpose})`));
    else {
      const message = `${name} does not load, needed for ${purpose}: ${failure}`;
      findings.push({ check: "addon", level: "missing", message, cure: ADDON_CURE });
    }
  }
  return findings;
}

/** Whether state can be kept. */
export async function checkStorage(context: DoctorContext): Promise<readonly DoctorFinding[]> {
  const { dataDir } = context.config;
  if (await context.inventory.canCreate(dataDir)) return [fine("data", dataDir)];
  const message = `${dataDir} may not be written: accounts and certificates cannot be kept`;
  const cure = "Make the folder writable for this user, or set dataDir to another";
  return [{ check: "data", level: "missing", message, cure }];
}
