// Runs a script that mounts things, so that nothing of it is left however it ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { descendants } from "../packages/prove/daemon.mjs";

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * The script has processes and mounts of its own, which end with it and with this program. It says itself what is wrong.
 * @param {string} script of Node.js
 * @param {unknown} argument as JSON
 */
export async function runApart(script, argument) {
  const apart = ["--mount", "--pid", "--fork", "--kill-child"];
  const words = ["--pdeathsig", "KILL", "unshare", ...apart, process.execPath, script];
  const child = spawn("setpriv", [...words, JSON.stringify(argument)], {
    stdio: ["ignore", "inherit", "inherit"],
    // Not in the group of the terminal: this program tells it when to end.
    detached: true,
  });
  const stopped = new AbortController();
  const stop = () => {
    stopped.abort();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    // The first process inside takes the others with it, and is waited for.
    const [first = child.pid] = descendants(child.pid);
    try {
      process.kill(first, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(stopped.signal.aborted ? "Interrupted" : "No image was made");
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
