import { MissingPartError } from "../../src/core/errors.ts";
import type {
  ChildProcessHandle,
  ProcessExit,
  ProcessRunner,
  RunResult,
} from "../../src/platform/process/port.ts";

export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
}

/** A child whose output and end the test decides. */
export interface ScriptedChild extends ChildProcessHandle, Invocation {
  emitStdout(text: string): void;
  emitStderr(text: string): void;
  exit(exitCode: number): void;
  readonly isPaused: boolean;
  readonly wasKilled: boolean;
}

export interface ScriptedRunner extends ProcessRunner {
  /** Every `run`, in order. */
  readonly runs: readonly Invocation[];
  readonly children: readonly ScriptedChild[];
}

type Answer = (args: readonly string[]) => RunResult | Promise<RunResult>;

export const succeed = (stdout: string): RunResult => ({ exitCode: 0, stdout, stderr: "" });

function createChild(invocation: Invocation): ScriptedChild {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const stdout = new Set<(chunk: Uint8Array) => void>();
  const stderr = new Set<(chunk: Uint8Array) => void>();
  const listen = (set: typeof stdout) => (listener: (chunk: Uint8Array) => void) => {
    set.add(listener);
    return () => {
      set.delete(listener);
    };
  };
  const held: Uint8Array[] = [];
  let isPaused = false;
  let wasKilled = false;
  let finish: (exit: ProcessExit) => void = () => undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    finish = resolve;
  });
  const take = (): Uint8Array | undefined => (isPaused ? undefined : held.shift());
  const deliver = (): void => {
    for (let chunk = take(); chunk !== undefined; chunk = take()) {
      for (const listener of stdout) listener(chunk);
    }
  };
  return {
    ...invocation,
    pid: 4242,
    exited,
    onStdout: listen(stdout),
    onStderr: listen(stderr),
    pauseStdout() {
      isPaused = true;
    },
    resumeStdout() {
      isPaused = false;
      deliver();
    },
    write: () => Promise.resolve(),
    endInput: () => undefined,
    kill() {
      wasKilled = true;
      finish({ exitCode: null, signal: "SIGTERM" });
      return exited;
    },
    emitStdout(text) {
      held.push(bytes(text));
      deliver();
    },
    emitStderr(text) {
      for (const listener of stderr) listener(bytes(text));
    },
    exit(exitCode) {
      finish({ exitCode, signal: null });
    },
    get isPaused() {
      return isPaused;
    },
    get wasKilled() {
      return wasKilled;
    },
  };
}

/** A machine on which only the given programs exist. A paused child keeps back what it still has to say. */
export function scriptedRunner(programs: Readonly<Record<string, Answer>> = {}): ScriptedRunner {
  const runs: Invocation[] = [];
  const children: ScriptedChild[] = [];
  const nameOf = (command: string): string => command.slice(command.lastIndexOf("/") + 1);
  const find = (command: string): Answer => {
    const answer = programs[nameOf(command)];
    if (answer === undefined) throw new MissingPartError(`${command} is not installed`);
    return answer;
  };
  return {
    runs,
    children,
    async run(command, args) {
      runs.push({ command, args });
      return await find(command)(args);
    },
    spawn(command, args) {
      try {
        find(command);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      const child = createChild({ command, args });
      children.push(child);
      return Promise.resolve(child);
    },
    which: (command) =>
      Promise.resolve(programs[command] === undefined ? undefined : `/usr/bin/${command}`),
  };
}
