import type { ProcessExit, ProcessRunner } from "../platform/process/port.ts";
import { AppError } from "../core/errors.ts";
import { createLineSplitter } from "../protocol/journal/lines.ts";
import type { CoreCommand } from "./core-command.ts";
import { CoreStartError } from "./proxy-errors.ts";

/** A core that was launched; whether it serves is for its API to tell. */
export interface CoreProcess {
  /** Turns false when the process is gone. */
  readonly isRunning: boolean;
  /** Resolves when it is gone and its last line was delivered; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Asks it to end, and ends it by force soon after. */
  kill(): Promise<void>;
}

const MAX_LINE = 64 * 1024;
const GRACE_MS = 500;

/**
 * Launches the core with its configuration on standard input, so that no file holds the users' secrets. Both streams
 * go to `onLine`. Rejects with `CoreStartError`.
 */
export async function launchCore(
  runner: ProcessRunner,
  { command, args, uid, gid }: CoreCommand,
  config: string,
  onLine: (line: string) => void,
): Promise<CoreProcess> {
  const placement = uid === undefined || gid === undefined ? {} : { uid, gid };
  let isRunning = true;
  try {
    const child = await runner.spawn(command, args, placement);
    for (const listen of [child.onStdout.bind(child), child.onStderr.bind(child)]) {
      const splitter = createLineSplitter(MAX_LINE);
      listen((bytes) => {
        for (const line of splitter.push(bytes)) onLine(line);
      });
    }
    // A core that ends before it has read everything says why in its log.
    child.write(config).catch(() => undefined);
    child.endInput();
    const exited = child.exited.then((exit) => {
      isRunning = false;
      return exit;
    });
    return {
      get isRunning() {
        return isRunning;
      },
      exited,
      async kill() {
        await child.kill(GRACE_MS);
        await exited;
      },
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new CoreStartError(`failed to start xray: ${error.message}`, { cause: error });
  }
}
