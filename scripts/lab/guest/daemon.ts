// The installed daemon, seen from its service manager.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import gadgetConfig from "../machine/config.json" with { type: "json" };
import type { Setup } from "./scenario.ts";

const MAX_OUTPUT = 64 << 20;
const CONFIG = "/etc/farhand/farhand.yaml";

/** Runs a program to its end and gives its output; rejects when it fails. */
export function run(program: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: MAX_OUTPUT }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

/** Properties of a unit, as `systemctl show` names them. */
export async function show<Name extends string>(
  unit: string,
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, string>>> {
  const text = await run("systemctl", "show", unit, "-p", names.join(","));
  const found = new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
  const pairs = names.map((name) => [name, found.get(name) ?? ""]);
  return Object.fromEntries(pairs) as Record<Name, string>;
}

export async function mainPid(): Promise<number> {
  return Number((await show("farhand.service", "MainPID")).MainPID);
}

/** A figure of /proc/PID/status. */
export function statusOf(pid: number, name: string): string {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
}

/** The daemon's settings in each setup; the machine is saved with the first. */
const HID: Readonly<Record<Setup, object>> = {
  gadget: gadgetConfig.device.hid,
  chip: { backend: "ch9329", serialPath: "/dev/ttyS1", baudRate: 9600 },
};

/** What the file says, also after a cut. */
function currentSetup(): Setup {
  const { device }: typeof gadgetConfig = JSON.parse(readFileSync(CONFIG, "utf8"));
  return device.hid.backend === gadgetConfig.device.hid.backend ? "gadget" : "chip";
}

/** The character device is taken where sysfs has no chips: an empty folder hides them. */
async function hideSysfs(isHidden: boolean): Promise<void> {
  await run("umount", "-q", "/sys/class/gpio").catch(() => undefined);
  if (isHidden) await run("mount", "-t", "tmpfs", "none", "/sys/class/gpio");
}

/** Configures and restarts the daemon, unless it is configured so. Resolves when it is ready. */
export async function useSetup(setup: Setup): Promise<void> {
  if (setup !== currentSetup()) {
    const device = { ...gadgetConfig.device, hid: HID[setup] };
    // On the disk before any power cut.
    writeFileSync(CONFIG, JSON.stringify({ ...gadgetConfig, device }), { flush: true });
    await run("systemctl", "stop", "farhand.service");
    await hideSysfs(setup === "chip");
  }
  await run("systemctl", "start", "farhand.service");
}
