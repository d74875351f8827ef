import type { CoreFamily } from "../../../src/protocol/xray/dialect.ts";
import type { Loopback } from "../../../src/platform/loopback/port.ts";
import { RpcError } from "../../../src/platform/loopback/port.ts";
import type {
  ChildProcessHandle,
  ProcessExit,
  ProcessRunner,
} from "../../../src/platform/process/port.ts";
import { CoreRefusal, FakeCore } from "./fake-core.ts";

export interface MemoryCore {
  readonly process: ProcessRunner;
  readonly loopback: Loopback;
  /** Every life of the core so far. */
  readonly lives: readonly CoreLife[];
  /** The latest one; throws when there is none. */
  readonly latest: CoreLife;
  /** How it is called. */
  readonly commands: readonly (readonly string[])[];
  /** What `/debug/vars` shows. */
  vars: string;
  /** The API does not answer, in this and all later lives. */
  isSilent: boolean;
  /** The next launches print this and end. */
  failWith: string | undefined;
  /** Programs that exist. */
  readonly programs: Set<string>;
}

/** One process of the core. */
export interface CoreLife {
  readonly core: FakeCore;
  readonly config: string;
  readonly isRunning: boolean;
  say(line: string): void;
  /** Ends it, as a crash does. */
  crash(): void;
}

const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

class Life implements CoreLife {
  config = "";
  core = new FakeCore('{"inbounds":[]}');
  isRunning = true;
  readonly exited: Promise<ProcessExit>;
  readonly listeners = new Set<(bytes: Uint8Array) => void>();
  #finish: (exit: ProcessExit) => void = () => undefined;

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  say(line: string): void {
    for (const listener of this.listeners) listener(new TextEncoder().encode(`${line}\n`));
  }

  crash(): void {
    this.end({ exitCode: 2, signal: null });
  }

  end(exit: ProcessExit): void {
    this.isRunning = false;
    this.#finish(exit);
  }
}

function handleOf(life: Life, begin: (config: string) => void): ChildProcessHandle {
  let input = "";
  return {
    pid: 4242,
    exited: life.exited,
    onStdout(listener) {
      life.listeners.add(listener);
      return () => {
        life.listeners.delete(listener);
      };
    },
    onStderr: () => () => undefined,
    pauseStdout: () => undefined,
    resumeStdout: () => undefined,
    write(bytes) {
      input += typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
    endInput() {
      begin(input);
    },
    kill() {
      life.end({ exitCode: null, signal: "SIGTERM" });
      return life.exited;
    },
  };
}

/** A core in this process: no program, no port, no waiting. */
export function memoryCore(family: CoreFamily = "xray"): MemoryCore {
  const lives: Life[] = [];
  const commands: string[][] = [];
  const programs = new Set(["xray", "setpriv"]);
  let lastPort = 20_000;

  const call = async (path: string, request: Uint8Array): Promise<Uint8Array> => {
    const life = lives.at(-1);
    await Promise.resolve();
    if (life?.isRunning !== true) throw new RpcError(UNAVAILABLE, "connection refused");
    if (memory.isSilent || life.core.isHanging)
      throw new RpcError(DEADLINE_EXCEEDED, "Deadline exceeded");
    try {
      return life.core.handle(path, request);
    } catch (error) {
      if (!(error instanceof CoreRefusal)) throw error;
      throw new RpcError(error.status, error.message);
    } finally {
      if (life.core.hasCrashed) life.crash();
    }
  };

  const memory: MemoryCore = {
    lives,
    commands,
    programs,
    vars: "{}",
    isSilent: false,
    failWith: undefined,
    get latest() {
      const life = lives.at(-1);
      if (life === undefined) throw new Error("No core was launched");
      return life;
    },
    process: {
      run: () =>
        Promise.resolve({
          exitCode: 0,
          stdout: family === "xray" ? "Xray 26.1.2 (fake)\n" : "V2Ray 4.34.0 (fake)\n",
          stderr: "",
        }),
      spawn(command, args) {
        commands.push([command, ...args]);
        const life = new Life();
        const handle = handleOf(life, (config) => {
          life.config = config;
          life.core = new FakeCore(config, family);
          life.say("Xray 26.1.2 (fake)");
          if (memory.failWith === undefined) return;
          life.say(`Failed to start: ${memory.failWith}`);
          life.crash();
        });
        lives.push(life);
        return Promise.resolve(handle);
      },
      which: (name) => Promise.resolve(programs.has(name) ? `/usr/bin/${name}` : undefined),
    },
    loopback: {
      freePorts(count) {
        const ports = Array.from({ length: count }, (_, index) => lastPort + index);
        lastPort += count;
        return Promise.resolve(ports);
      },
      dial: () => Promise.resolve({ call, close: () => undefined }),
      fetchText: () => Promise.resolve(memory.vars),
    },
  };
  return memory;
}
