import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { isAborted } from "../../core/abort.ts";
import type { Clock } from "../../core/clock.ts";
import {
  CancelledError,
  describeError,
  MissingPartError,
  ReplyTimeoutError,
} from "../../core/errors.ts";
import { NodeChild } from "../process/child.ts";
import { DEFAULT_PATH } from "../process/environment.ts";
import { createOutput } from "../process/output.ts";
import type { RunResult } from "../process/port.ts";
import type { PtyHost } from "../pty/port.ts";
import { currentAccount } from "../pty/shell.ts";
import type { Account } from "../pty/shell.ts";
import type { WorkerHost, WorkerRun } from "./port.ts";

const KILL_AFTER_MS = 1000;
/** Login shells of service accounts let nobody in. */
const SHELL = ["/bin/sh"];

/** Name of the account that the work runs as; throws where it cannot be had. */
function accountFor(wanted: string, me: Account): string {
  const isRoot = me.uid === 0;
  const name = wanted === "" ? (isRoot ? "nobody" : me.name) : wanted;
  if (isRoot || name === me.name) return name;
  throw new MissingPartError(
    `Work of servers is to run as '${name}', but this daemon runs as '${me.name}' and only root may change that; set agent.control.user to '${me.name}' or leave it empty`,
  );
}

function environmentOf(name: string): Record<string, string> {
  return { HOME: "/", LANG: "C.UTF-8", LOGNAME: name, PATH: DEFAULT_PATH, USER: name };
}

/** In a session of its own, so that everything it starts can be ended with it. */
function startShell(name: string, me: Account): ChildProcessWithoutNullStreams {
  const shell = [...SHELL, "-s"];
  const [command = "", ...args] =
    name === me.name ? shell : ["runuser", "-u", name, "--", ...shell];
  const env = environmentOf(name);
  return spawn(command, args, { cwd: "/", env, detached: true, stdio: "pipe" });
}

function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

function started(process: ChildProcessWithoutNullStreams, clock: Clock): Promise<NodeChild> {
  return new Promise((resolve, reject) => {
    process.once("error", (cause) => {
      reject(new MissingPartError(`No shell could be started: ${describeError(cause)}`, { cause }));
    });
    process.once("spawn", () => {
      resolve(new NodeChild(process, clock));
    });
  });
}

async function runScript(clock: Clock, options: WorkerRun): Promise<RunResult> {
  const { user, script, timeoutMs, signal, maxOutputBytes } = options;
  if (signal.aborted) throw new CancelledError();
  const me = currentAccount();
  const child = await started(startShell(accountFor(user, me), me), clock);
  const stdout = createOutput(maxOutputBytes);
  const stderr = createOutput(maxOutputBytes);
  child.onStdout(stdout.add);
  child.onStderr(stderr.add);
  let failure: Error | undefined;
  let cancelKill = (): void => undefined;
  const stop = (reason: Error): void => {
    failure ??= reason;
    signalGroup(child.pid, "SIGTERM");
    cancelKill = clock.setTimer(KILL_AFTER_MS, () => {
      signalGroup(child.pid, "SIGKILL");
    });
  };
  const onAbort = (): void => {
    stop(new CancelledError());
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const cancelTimer = clock.setTimer(timeoutMs, () => {
    stop(new ReplyTimeoutError(`The command did not end within ${timeoutMs / 1000} s`));
  });
  // The abort may have come while the shell was being started.
  if (isAborted(signal)) onAbort();
  // A command may end without having read all of its text.
  child.write(script).catch(() => undefined);
  child.endInput();
  const { exitCode } = await child.exited;
  cancelTimer();
  signal.removeEventListener("abort", onAbort);
  if (failure !== undefined) {
    // What ignored the first signal must not outlive the command.
    signalGroup(child.pid, "SIGKILL");
    cancelKill();
    throw failure;
  }
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** Work through `sh`, and through `runuser` where the account is another one. */
export function createWorkerHost(clock: Clock, pty: PtyHost): WorkerHost {
  return {
    run: (options) => runScript(clock, options),
    async openTerminal({ user, cols, rows }) {
      const me = currentAccount();
      const name = accountFor(user, me);
      return pty.openShell({ user: name, command: name === me.name ? [] : SHELL, cols, rows });
    },
  };
}
