/**
 * `farhand gadget-helper`: the one process that has to be root. It makes the USB gadget and inserts images for the
 * daemon, which asks over a socket and may be anybody else.
 */
import { processEnvironment } from "../config/process-env.ts";
import { systemClock } from "../core/clock.ts";
import { UsageError } from "./args.ts";
import type { CliArgs } from "./args.ts";
import { EXIT_OK } from "./io.ts";
import type { GadgetControl } from "../platform/gadget/control.ts";
import type { HelperServer, HelperServerOptions } from "../platform/helper/server.ts";
import { USAGE } from "./usage.ts";

const NEEDED = `gadget-helper needs two absolute paths\n${USAGE["gadget-helper"]}`;

export interface HelperPlaces {
  readonly socket: string;
  readonly storage: string;
}

/** Understands the options; throws `UsageError`. */
export function parsePlaces(words: readonly string[]): HelperPlaces {
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const [name = "", value = ""] = words.slice(index, index + 2);
    if (!["--socket", "--storage"].includes(name) || !value.startsWith("/")) {
      throw new UsageError(NEEDED);
    }
    values.set(name, value);
  }
  const socket = values.get("--socket");
  const storage = values.get("--storage");
  if (socket === undefined || storage === undefined) throw new UsageError(NEEDED);
  return { socket, storage };
}

export interface GadgetHelperParts {
  readonly control: (storage: string) => GadgetControl;
  readonly log: HelperServerOptions["log"];
  readonly start: (options: HelperServerOptions) => Promise<HelperServer>;
  /** Resolves when the process shall end. */
  readonly stopped: Promise<void>;
}

/** Serves until told to stop. The gadget stays as it is, so that a restart does not unplug the keyboard. */
export async function gadgetHelperCommand(
  words: readonly string[],
  parts: GadgetHelperParts,
): Promise<number> {
  const { socket, storage } = parsePlaces(words);
  const server = await parts.start({ socket, control: parts.control(storage), log: parts.log });
  await parts.stopped;
  await server.close();
  return EXIT_OK;
}

function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => {
      resolve();
    });
    process.once("SIGTERM", () => {
      resolve();
    });
  });
}

/** The command with this machine's parts: only what it needs, because it is root. */
export async function gadgetHelper({ words }: CliArgs): Promise<number> {
  const [{ createPrivilegedControl }, { startHelperServer }, { createProcessRunner }] =
    await Promise.all([
      import("../platform/gadget/privileged.ts"),
      import("../platform/helper/server.ts"),
      import("../platform/process/node-process.ts"),
    ]);
  const { createLogger } = await import("../platform/journal/logger.ts");
  const { createLogSink } = await import("../platform/journal/log-sink.ts");
  const pretty = process.stdout.isTTY;
  const sink = createLogSink({ stdout: process.stdout, pretty, clock: systemClock });
  const runner = createProcessRunner(systemClock, processEnvironment());
  const groupId = process.getgid?.();
  return gadgetHelperCommand(words, {
    log: createLogger("info", sink).log.child({ sub: "gadget-helper" }),
    start: startHelperServer,
    stopped: untilAskedToStop(),
    control: (storageRoot) =>
      createPrivilegedControl({
        process: runner,
        clock: systemClock,
        storageRoot,
        ...(groupId === undefined ? {} : { groupId }),
      }),
  });
}
