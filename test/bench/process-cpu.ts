import { readdirSync, readFileSync } from "node:fs";

function threadMs(pid: number, thread: string | number): number {
  const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
  return Number(text.split(" ")[0]) / 1e6;
}

/** Processor time of all threads so far. */
export function cpuMs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadMs(pid, thread), 0);
}

/** Of the thread that runs JavaScript, the first of all. */
export function mainThreadMs(pid: number): number {
  return threadMs(pid, pid);
}
