import { readdirSync, readFileSync } from "node:fs";

/** The session that a process belongs to; undefined when it is gone (proc(5), stat). */
function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name may hold anything, also brackets. After it: state, parent, group, session.
    const [, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(session);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** Kills every process of the session that this one leads, whatever they ignore. */
export function killSession(leader: number): void {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && sessionOf(pid) === leader) kill(pid);
  }
}
