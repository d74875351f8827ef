// Changes the daemon's configuration all the time, as an owner with a fast hand: the file that must survive a crash.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const FILE = "/var/lib/farhand/htpasswd";

/** One account by the command line; resolves to whether it was accepted. */
function addAccount(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(
      // The machine has other things to do.
      "nice",
      [
        "-n",
        "10",
        "farhand",
        "--config",
        "/etc/farhand/farhand.yaml",
        "--dataDir",
        "/var/lib/farhand",
        "passwd",
        "add",
        name,
        "--read-stdin",
      ],
      { stdio: ["pipe", "ignore", "ignore"] },
    );
    child.once("exit", (code) => {
      resolve(code === 0);
    });
    child.stdin.end(`password of ${name}\n`);
  });
}

/** Whether all of them, and the owner, are in the file. */
export function checkAccounts(names: readonly string[]): boolean {
  const lines = readFileSync(FILE, "utf8").split("\n");
  return ["admin", ...names].every((name) => lines.some((line) => line.startsWith(`${name}:`)));
}

export class AccountWriter {
  /** Accounts whose making was reported as done. */
  readonly acknowledged: string[] = [];
  readonly #prefix: string;
  readonly #stopping = new AbortController();
  #over = Promise.resolve();

  constructor(prefix = "user") {
    this.#prefix = prefix;
  }

  /** `told` is called with each account that was made, and awaited. */
  start(told: (name: string) => Promise<void> = () => Promise.resolve()): void {
    this.#over = this.#write(told);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#over;
  }

  async #write(told: (name: string) => Promise<void>): Promise<void> {
    for (let number = 1; !this.#stopping.signal.aborted; number += 1) {
      const name = `${this.#prefix}${number}`;
      if (!(await addAccount(name))) continue;
      this.acknowledged.push(name);
      await told(name);
    }
  }
}
