import { loadConfig } from "../config/load.ts";
import type { LoadedConfig, LoadResult } from "../config/load.ts";
import { processEnvironment } from "../config/process-env.ts";
import { processSettings } from "../config/process-settings.ts";
import { resolveBoard } from "../config/resolve-board.ts";
import { systemClock } from "../core/clock.ts";
import { hasKvmHardware } from "../platform/detect.ts";
import { createFileStore } from "../platform/files/node-files.ts";
import { createLinuxHost } from "../platform/host/linux-host.ts";
import { isJournalStream } from "../platform/journal/journal-stream.ts";
import { createLogger } from "../platform/journal/logger.ts";
import { createLogSink } from "../platform/journal/log-sink.ts";
import type { JournalEntry } from "../platform/journal/port.ts";
import { createMemoryJournal } from "../platform/journal/memory.ts";
import { selectJournal } from "../platform/journal/select.ts";
import type { PlatformParts } from "../platform/linux.ts";
import { createUdpSender } from "../platform/net/udp.ts";
import type { Platform } from "../platform/platform.ts";
import { createProcessRunner } from "../platform/process/node-process.ts";
import { createNodePtyHost } from "../platform/pty/node-pty.ts";
import { createServiceNotifier } from "../platform/systemd/notify.ts";
import type { CliArgs } from "./args.ts";

export const files = createFileStore();

export const readFile = (path: string): Promise<string | undefined> => files.read(path);

/** The configuration that this command line, environment and file make. Never rejects. */
export function loadFromProcess(args: CliArgs): Promise<LoadResult> {
  const env = processEnvironment();
  return loadConfig({ file: args.configFile, env, flags: args.settings, readFile });
}

export interface LoggingParts extends PlatformParts {
  readonly setLogLevel: (level: string) => void;
  /** Writes what still waits; call it before the process ends. */
  flushLog(): void;
}

/** Logger and journal, and the ports that need nothing else. */
export async function createParts(config: LoadedConfig["config"]): Promise<LoggingParts> {
  const clock = systemClock;
  const settings = processSettings(processEnvironment());
  const memory = createMemoryJournal({ clock });
  const pretty = process.stdout.isTTY;
  const { journalStream, notifySocket, watchdogUsec } = settings;
  const runner = createProcessRunner(clock, processEnvironment());
  let isKept = true;
  const copy = {
    append: (entry: JournalEntry) => {
      if (isKept) memory.append(entry);
    },
  };
  const sink = createLogSink({ journal: copy, stdout: process.stdout, pretty, clock });
  const { log, setLevel } = createLogger(config.log.level, sink);
  const isLoggedByJournald = isJournalStream(journalStream, process.stdout.fd);
  const journal = await selectJournal({ process: runner, memory, isLoggedByJournald, log });
  // Where journald keeps the log, a second copy in memory would only cost.
  isKept = journal === memory;
  return {
    clock,
    log,
    files,
    process: runner,
    journal,
    pty: createNodePtyHost(processEnvironment()),
    datagrams: createUdpSender(),
    service: createServiceNotifier({ notifySocket, watchdogUsec, process: runner, log }),
    setLogLevel: setLevel,
    flushLog: () => {
      sink.flushSync();
    },
  };
}

export interface ReadyPlatform {
  readonly platform: Platform;
  /** With the board's values filled in. */
  readonly loaded: LoadedConfig;
  /** Fills this board's values in. */
  readonly resolve: (loaded: LoadedConfig) => LoadedConfig;
}

function readyWith(platform: Platform, started: LoadedConfig, preset: string): ReadyPlatform {
  const resolve = (loaded: LoadedConfig): LoadedConfig => resolveBoard(loaded, preset);
  return { platform, loaded: resolve(started), resolve };
}

/** Real hardware or the simulated board, as configured or found. */
export async function createPlatform(
  loaded: LoadedConfig,
  parts: PlatformParts,
): Promise<ReadyPlatform> {
  const { clock, log, process: runner } = parts;
  const host = createLinuxHost({ process: runner, clock, log });
  const identity = await host.identity();
  const wanted = loaded.config.platform;
  const isLinux =
    wanted === "linux" || (wanted === "auto" && (await hasKvmHardware(files, identity)));
  if (isLinux) {
    const { createLinuxPlatform } = await import("../platform/linux.ts");
    const platform = createLinuxPlatform(parts, host);
    return readyWith(platform, loaded, identity.preset);
  }
  const { createSimPlatform } = await import("../platform/sim.ts");
  const platform = await createSimPlatform(parts);
  return readyWith(platform, loaded, "sim");
}
