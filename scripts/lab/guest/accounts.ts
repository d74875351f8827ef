// Accounts by the command line: another file that must survive a crash.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const FILE = "/var/lib/farhand/htpasswd";

/** Makes an account; resolves to whether it was accepted. */
export function addAccount(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const places = ["--config", "/etc/farhand/farhand.yaml", "--dataDir", "/var/lib/farhand"];
    const child = spawn("farhand", [...places, "passwd", "add", name, "--read-stdin"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.once("exit", (code) => {
      resolve(code === 0);
    });
    child.stdin.end(`password of ${name}\n`);
  });
}

/** Those of them, and the owner, that are not in the file. */
export function findMissing(names: readonly string[]): readonly string[] {
  const lines = readFileSync(FILE, "utf8").split("\n");
  return ["admin", ...names].filter((name) => !lines.some((line) => line.startsWith(`${name}:`)));
}
