import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { REPOSITORY } from "./source-tree.ts";

const MAIN = join(REPOSITORY, "dist", "main.js");

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built program in a process of its own. */
export interface SpawnedDaemon {
  readonly pid: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly dataDir: string;
  /** Standard output and error so far. */
  readonly output: string;
  readonly exited: Promise<ExitStatus>;
  /** Resolves with the match when the output fits; rejects when the process ends before. */
  untilOutput(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
}

export interface SpawnOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another program that leads to the daemon, such as a script of this repository. */
  readonly entry?: string;
}

/** Starts `node dist/main.js`; the end of the test kills it. */
export function spawnDaemon(options: SpawnOptions = {}): SpawnedDaemon {
  if (!existsSync(MAIN)) throw new Error("There is no dist/main.js: run npm run build");
  const dataDir = mkdtempSync(join(tmpdir(), "farhand-daemon-"));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [options.entry ?? MAIN, ...(options.args ?? ["serve"])], {
    cwd: REPOSITORY,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: dataDir,
      FARHAND__PLATFORM: "sim",
      FARHAND__DATA_DIR: dataDir,
      FARHAND__HTTP__HOST: "127.0.0.1",
      FARHAND__HTTP__PORT: "0",
      ...options.env,
    },
  });
  let output = "";
  let isOver = false;
  const checks = new Set<() => void>();
  const runChecks = (): void => {
    for (const check of checks) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      output += chunk;
      runChecks();
    });
  }
  const exited = new Promise<ExitStatus>((resolve) => {
    child.once("close", (code, signal) => {
      isOver = true;
      runChecks();
      resolve({ code, signal });
    });
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    dataDir,
    get output() {
      return output;
    },
    exited,
    untilOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
          else if (isOver) reject(new Error(`The process ended without ${pattern}: ${output}`));
          else return;
          checks.delete(check);
        };
        checks.add(check);
        check();
      }),
    signal: (name) => {
      child.kill(name);
    },
  };
}
