/** Builds what each short-lived command needs of this process, and runs it. */
import { silentLogger } from "../core/log.ts";
import { DEFAULT_CONFIG_FILE, EXIT_CONFIG } from "../config/load.ts";
import { processEnvironment } from "../config/process-env.ts";
import { systemClock } from "../core/clock.ts";
import type { CliArgs } from "./args.ts";
import { checkConfigCommand, problemText } from "./check-config.ts";
import type { CliIo } from "./io.ts";
import type { ReachDaemon } from "./node.ts";
import { ask, processOutput, readSecret, readStdin, untilInterrupted } from "./process-io.ts";
import { createParts, createPlatform, files, loadFromProcess, readFile } from "./start-up.ts";
import type { ReadyPlatform } from "./start-up.ts";
import { webRoot } from "./web-root.ts";

async function recognizeBoard(): Promise<string> {
  const { createLinuxHost } = await import("../platform/host/linux-host.ts");
  const { createProcessRunner } = await import("../platform/process/node-process.ts");
  const process = createProcessRunner(systemClock, processEnvironment());
  const host = createLinuxHost({ process, clock: systemClock, log: silentLogger });
  return (await host.identity()).preset;
}

export function checkConfig(args: CliArgs): Promise<number> {
  const env = processEnvironment();
  return checkConfigCommand(args, processOutput, { env, readFile, recognizeBoard });
}

export async function printSchema(args: CliArgs): Promise<number> {
  const { printSchemaCommand } = await import("./print-schema.ts");
  return printSchemaCommand(args, processOutput);
}

async function withAccounts(
  args: CliArgs,
  run: (words: readonly string[], io: CliIo) => Promise<number>,
): Promise<number> {
  const result = await loadFromProcess(args);
  if (!result.ok) {
    processOutput.stderr(problemText(result.problems));
    return EXIT_CONFIG;
  }
  const { hostname } = await import("../platform/host/host-name.ts");
  return run(args.words, {
    ...processOutput,
    config: result.loaded.config,
    files,
    clock: systemClock,
    log: silentLogger,
    hostName: hostname(),
    readStdin,
    readSecret,
  });
}

export async function passwd(args: CliArgs): Promise<number> {
  const { passwdCommand } = await import("./passwd.ts");
  return withAccounts(args, passwdCommand);
}

export async function totp(args: CliArgs): Promise<number> {
  const { totpCommand } = await import("./totp.ts");
  return withAccounts(args, totpCommand);
}

export async function importKvmd(args: CliArgs): Promise<number> {
  const { importKvmdCommand } = await import("./import-kvmd.ts");
  const configFile = args.configFile ?? DEFAULT_CONFIG_FILE;
  // The file that will be written is not there yet: it must not be demanded.
  return withAccounts({ ...args, configFile: undefined }, (words, io) =>
    importKvmdCommand(words, { ...io, configFile, ask }),
  );
}

/** The platform as `serve` would choose it, for as long as `run` takes. */
async function withPlatform(
  args: CliArgs,
  run: (ready: ReadyPlatform) => Promise<number>,
): Promise<number> {
  const result = await loadFromProcess(args);
  if (!result.ok) {
    processOutput.stderr(problemText(result.problems));
    return EXIT_CONFIG;
  }
  const parts = await createParts(result.loaded.config);
  const ready = await createPlatform(result.loaded, { ...parts, log: silentLogger });
  try {
    return await run(ready);
  } finally {
    await ready.platform.close();
  }
}

export function doctor(args: CliArgs): Promise<number> {
  return withPlatform(args, async ({ platform, loaded }) => {
    const { doctorCommand } = await import("./doctor.ts");
    const { createLinuxInventory } = await import("../platform/inventory/linux-inventory.ts");
    const { createSerialProbe } = await import("./doctor/serial-probe.ts");
    const probe = createSerialProbe(platform);
    const inventory = createLinuxInventory();
    return doctorCommand(args, processOutput, {
      config: loaded.config,
      platform,
      inventory,
      probe,
    });
  });
}

export function pair(args: CliArgs): Promise<number> {
  return withPlatform(args, async ({ platform, loaded }) => {
    const [{ pairCommand }, { pairParts }] = await Promise.all([
      import("./pair.ts"),
      import("./pair-parts.ts"),
    ]);
    const person = { readSecret, signal: untilInterrupted() };
    return pairCommand(args.words, pairParts({ platform, loaded }, person), processOutput);
  });
}

/** The database of the hub as a file: it must not need the daemon. */
export async function backup(args: CliArgs): Promise<number> {
  const { backupCommand } = await import("./hub-files.ts");
  return withAccounts(args, (_words, { config }) => backupCommand({ args, config }, processOutput));
}

export async function restore(args: CliArgs): Promise<number> {
  const { restoreCommand } = await import("./hub-files.ts");
  return withAccounts(args, (_words, { config }) =>
    restoreCommand({ args, config }, processOutput),
  );
}

/** The hub without its network, for as long as `run` takes: there is no daemon that could be asked. */
function withOwnHub(args: CliArgs, run: (socketPath: string) => Promise<number>): Promise<number> {
  return withPlatform(args, async ({ platform, loaded }) => {
    const { createApp } = await import("../app.ts");
    const { doorPath } = await import("../http/local-door.ts");
    const { becomeOwnerOf } = await import("../platform/process/owner.ts");
    const { dataDir } = loaded.config;
    becomeOwnerOf(dataDir);
    const config = { ...loaded.config, roles: ["hub" as const] };
    const app = await createApp({ config, platform, log: silentLogger, isLocalOnly: true });
    try {
      await app.localDoor.open(doorPath(dataDir));
      return await run(doorPath(dataDir));
    } finally {
      await app.close();
    }
  });
}

export async function node(args: CliArgs): Promise<number> {
  const [{ nodeCommand }, { answersAt, doorPath }] = await Promise.all([
    import("./node.ts"),
    import("../http/local-door.ts"),
  ]);
  return withAccounts(args, async (words, { config }) => {
    const socketPath = doorPath(config.dataDir);
    const reach: ReachDaemon = async (use) =>
      (await answersAt(socketPath)) ? use(socketPath) : withOwnHub(args, use);
    return nodeCommand(words, reach, processOutput);
  });
}

export function routes(args: CliArgs): Promise<number> {
  return withPlatform(args, async ({ platform, loaded }) => {
    const { createApp } = await import("../app.ts");
    const { routesCommand } = await import("./routes.ts");
    const { RouteList } = await import("./route-list.ts");
    const { processSettingsKeeper } = await import("./process-settings-keeper.ts");
    const list = new RouteList();
    const { config } = loaded;
    // Nobody comes to this app: its routes are only declared.
    const running = { loaded, resolve: () => loaded, takeOver: () => Promise.resolve(undefined) };
    const app = await createApp({
      config: {
        ...config,
        hub: { ...config.hub, storage: { ...config.hub.storage, path: ":memory:" } },
      },
      platform,
      log: silentLogger,
      isLocalOnly: true,
      webRoot: webRoot(),
      settings: processSettingsKeeper({ args, platform, running, onRestart: () => undefined }),
      onRoute: (route) => {
        list.note(route);
      },
    });
    try {
      return await routesCommand(args, processOutput, list);
    } finally {
      await app.close();
    }
  });
}
