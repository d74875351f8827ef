// The installed daemon inside a chroot, and what it answers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** @typedef {import("./chroot.mjs").Chroot} Chroot */

/** Emulated processors are slow. */
const PATIENCE_MS = 180_000;

/**
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} headers
 * @returns {Promise<{ status: number, body: string }>}
 */
function get(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, headers, rejectUnauthorized: false };
    const asked = request(options, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (text) => {
        body += String(text);
      });
      answer.once("end", () => {
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    asked.setTimeout(PATIENCE_MS, () => {
      asked.destroy(new Error("no answer in time"));
    });
    asked.once("error", reject);
    asked.end();
  });
}

/** The account's way in, the same as in the unit. */
const AS_SERVICE =
  "setpriv --reuid farhand --regid farhand --init-groups --no-new-privs env HOME=/var/lib/farhand STATE_DIRECTORY=/var/lib/farhand";

/** None of one that has ended. @param {number} pid @returns {number[]} */
function childrenOf(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").map(Number);
  } catch {
    return [];
  }
}

/** Processes below one, in the order of their start. @param {number} pid @returns {number[]} */
export function descendants(pid) {
  const pids = childrenOf(pid);
  return pids.concat(pids.flatMap(descendants));
}

export class Daemon {
  #child;
  #output = "";
  port = 0;

  /** @param {Chroot} chroot @param {string} command */
  constructor(chroot, command) {
    const settings = "FARHAND__HTTP__PORT=0 FARHAND__HTTP__HOST=127.0.0.1";
    const [program, args] = chroot.command(`${AS_SERVICE} ${settings} ${command}; exit $?`);
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        this.#output += String(text);
      });
    }
  }

  /** Started and ready. Rejects with what it said when it is not in time. @param {Chroot} chroot @param {string} [command] */
  static async start(chroot, command = "farhand serve") {
    const daemon = new Daemon(chroot, command);
    const [, port] = await daemon.#until(/Farhand is ready: \S+:(\d+)\//);
    daemon.port = Number(port);
    return daemon;
  }

  get #hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @param {RegExp} pattern */
  async #until(pattern) {
    const limit = Date.now() + PATIENCE_MS;
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) return match;
      if (this.#hasEnded || Date.now() > limit) {
        throw new Error(`The daemon did not get ready:\n${this.#output.slice(-3000)}`);
      }
      await sleep(100);
    }
  }

  /** The owner's password, when it was made in this run. */
  get password() {
    return /^\s+password\s+(\S+)$/m.exec(this.#output)?.[1];
  }

  /** @param {string} path @param {string} [password] */
  ask(path, password) {
    const headers =
      password === undefined ? {} : { "X-KVMD-User": "admin", "X-KVMD-Passwd": password };
    return get(this.port, path, headers);
  }

  /** Asks it to end, as the service manager does, and waits. */
  async stop() {
    if (this.#hasEnded) return;
    const ended = once(this.#child, "exit");
    const force = setTimeout(() => {
      this.#child.kill("SIGKILL");
    }, PATIENCE_MS);
    const inner = descendants(this.#child.pid ?? 0).at(-1);
    if (inner !== undefined) process.kill(inner, "SIGTERM");
    await ended;
    clearTimeout(force);
  }
}
