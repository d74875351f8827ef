import { spawn } from "node:child_process";
import type { SpawnOptionsWithoutStdio } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAborted } from "../../core/abort.ts";
import type { Clock } from "../../core/clock.ts";
import {
  CancelledError,
  describeError,
  errnoOf,
  MissingPartError,
  ReplyTimeoutError,
} from "../../core/errors.ts";
import { NodeChild } from "./child.ts";
import { childEnvironment, DEFAULT_PATH } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { createOutput } from "./output.ts";
import type { ProcessRunner, RunOptions, RunResult } from "./port.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

function startError(command: string, cwd: string | undefined, cause: unknown): MissingPartError {
  const orFolder = cwd === undefined ? "" : `, or there is no folder ${cwd}`;
  const problem =
    errnoOf(cause) === "ENOENT"
      ? `is not installed${orFolder}`
      : `cannot be started: ${describeError(cause)}`;
  return new MissingPartError(`Program ${command} ${problem}`, { cause });
}

function start(
  command: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio,
  clock: Clock,
): Promise<NodeChild> {
  const cwd = options.cwd?.toString();
  return new Promise((resolve, reject) => {
    try {
      const child = spawn(command, args, { ...options, stdio: "pipe", shell: false });
      const onError = (cause: Error): void => {
        reject(startError(command, cwd, cause));
      };
      child.once("error", onError);
      child.once("spawn", () => {
        child.off("error", onError);
        resolve(new NodeChild(child, clock));
      });
    } catch (cause) {
      reject(startError(command, cwd, cause));
    }
  });
}

async function collect(
  child: NodeChild,
  name: string,
  options: RunOptions,
  clock: Clock,
): Promise<RunResult> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const limit = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
  const stdout = createOutput(limit);
  const stderr = createOutput(limit);
  child.onStdout(stdout.add);
  child.onStderr(stderr.add);
  let failure: Error | undefined;
  const stop = (reason: Error): void => {
    failure ??= reason;
    void child.kill();
  };
  const onAbort = (): void => {
    stop(new CancelledError());
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = clock.setTimer(timeoutMs, () => {
    stop(new ReplyTimeoutError(`Program ${name} did not end within ${timeoutMs} ms`));
  });
  // The abort may have come while the program was being started.
  if (isAborted(signal)) onAbort();
  // A program that reads no input is no failure.
  if (options.input !== undefined) child.write(options.input).catch(() => undefined);
  child.endInput();
  const { exitCode } = await child.exited;
  cancelTimer();
  signal?.removeEventListener("abort", onAbort);
  if (failure !== undefined) throw failure;
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Child processes of Node. `environment` is what programs inherit when the caller adds variables, and names the PATH. */
export function createProcessRunner(clock: Clock, environment: Environment = {}): ProcessRunner {
  const envOption = (
    env: Readonly<Record<string, string>> | undefined,
  ): { env?: Record<string, string> } =>
    env === undefined ? {} : { env: childEnvironment(environment, env) };
  return {
    async run(command, args, options = {}) {
      if (isAborted(options.signal)) throw new CancelledError();
      const child = await start(command, args, envOption(options.env), clock);
      return collect(child, command, options, clock);
    },
    spawn(command, args, { env, ...placement } = {}) {
      return start(command, args, { ...placement, ...envOption(env) }, clock);
    },
    async which(command) {
      if (command.includes("/")) return (await isProgram(command)) ? command : undefined;
      for (const folder of (environment["PATH"] ?? DEFAULT_PATH).split(":")) {
        const path = join(folder, command);
        if (folder.startsWith("/") && (await isProgram(path))) return path;
      }
      return undefined;
    },
  };
}
