// The installed daemon, seen from its service manager.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { until } from "./wait.ts";

export const UNIT = "farhand.service";
const PORT = 8443;
const MAX_OUTPUT = 64 << 20;

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
  return Number((await show(UNIT, "MainPID")).MainPID);
}

const isListening = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(PORT, "127.0.0.1");
    const answer = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", answer(true));
    socket.once("error", answer(false));
  });

/** Waits until systemd has another process ready in place of this one. */
export async function awaitSuccessor(pid: number): Promise<void> {
  await until("another process serves", async () => {
    // Asking systemd is dear, and not needed before another one listens.
    if (existsSync(`/proc/${pid}`) || !(await isListening())) return false;
    const { MainPID, ActiveState } = await show(UNIT, "MainPID", "ActiveState");
    return Number(MainPID) !== pid && MainPID !== "0" && ActiveState === "active";
  });
}

/** A process whose command line fits. */
export function findProcess(fits: (words: readonly string[]) => boolean): number | undefined {
  const name = readdirSync("/proc").find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return fits(readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0"));
    } catch {
      return false;
    }
  });
  return name === undefined ? undefined : Number(name);
}

/** A figure of /proc/PID/status. */
export function statusOf(pid: number, name: string): string {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
}

/** Started by the machine already, as a rule. Resolves when it is ready. */
export async function startDaemon(): Promise<void> {
  await run("systemctl", "start", UNIT);
}
