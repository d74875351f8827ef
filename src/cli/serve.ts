import { FARHAND_VERSION } from "../config/version.ts";
import { createApp } from "../app.ts";
import type { App } from "../app.ts";
import { EXIT_CONFIG } from "../config/load.ts";
import type { LoadedConfig } from "../config/load.ts";
import { every } from "../core/clock.ts";
import type { ListeningAt } from "../http/listen.ts";
import type { Sessions } from "../http/auth/sessions.ts";
import type { Owner } from "../http/auth/owner.ts";
import type { Platform } from "../platform/platform.ts";
import type { CliArgs } from "./args.ts";
import { problemText } from "./check-config.ts";
import { inTime } from "./in-time.ts";
import { EXIT_FAILURE, EXIT_OK } from "./io.ts";
import { complain, processOutput } from "./process-io.ts";
import { processSettingsKeeper } from "./process-settings-keeper.ts";
import { createRunning } from "./running.ts";
import type { Running } from "./running.ts";
import { createParts, createPlatform, loadFromProcess } from "./start-up.ts";
import type { LoggingParts } from "./start-up.ts";
import { webRoot } from "./web-root.ts";

/** After this long a shutdown that hangs is ended by force. */
const SHUTDOWN_LIMIT_MS = 10_000;

const NOT_TAKEN_OVER = "The new settings are not taken over, those before stay in use";

/** Where packages put the program; their command runs it with the right Node.js. */
const PACKAGED_PLACE = "/usr/lib/farhand/";

/** How this program is called on this machine. */
function programName(): string {
  const script = process.argv[1] ?? "dist/main.js";
  return script.startsWith(PACKAGED_PLACE) ? "sudo farhand" : `node ${script}`;
}

/** A command line that finds the same accounts from any shell, whatever the daemon's environment says. */
function passwdCommand({ configFile }: CliArgs, dataDir: string): string {
  const options = [...(configFile === undefined ? [] : ["--config", configFile]), "--dataDir"];
  return `${programName()} ${options.join(" ")} ${dataDir} passwd`;
}

function announceOwner({ user, password, generated, isStored }: Owner, command: string): void {
  if (!generated) return;
  const lines = [
    "",
    "  The owner account was created. This password is shown only now:",
    "",
    `      user      ${user}`,
    `      password  ${password}`,
    "",
    isStored
      ? `  Change it with: ${command} set ${user}`
      : "  It could not be stored (see the log): it is valid until the next start.",
    "",
  ];
  processOutput.stdout(lines.join("\n"));
}

function announceAddress({ config }: LoadedConfig, { address, port }: ListeningAt): void {
  const scheme = config.http.tls.mode === "off" ? "http" : "https";
  const isAny = address === "::" || address === "0.0.0.0";
  const host = isAny ? "localhost" : address;
  const shown = host.includes(":") ? `[${host}]` : host;
  processOutput.stdout(`Farhand is ready: ${scheme}://${shown}:${port}/`);
}

/** Resolves at the first SIGINT or SIGTERM. */
function untilAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
  });
}

interface Ending {
  readonly app: App | undefined;
  readonly platform: Platform;
  readonly parts: LoggingParts;
}

function shutDown({ app, platform, parts }: Ending): Promise<void> {
  const onLate = (): void => {
    parts.log.error({}, "Shutdown took too long, ending by force");
    parts.flushLog();
    process.exit(EXIT_FAILURE);
  };
  const { clock } = platform;
  return inTime({ clock, limitMs: SHUTDOWN_LIMIT_MS, onLate }, async () => {
    await app?.close();
    await platform.close();
  });
}

/** Tells systemd that the event loop turns. */
function feedWatchdog({ service, clock }: Platform): () => void {
  const { watchdogMs } = service;
  if (watchdogMs === undefined) return () => undefined;
  return every(clock, watchdogMs / 2, () => {
    service.alive();
  });
}

/** Why what runs has to end: a signal, or settings that are to be taken over. */
type Reason = { readonly signal: string } | "restart";

interface Run {
  readonly args: CliArgs;
  readonly parts: LoggingParts;
  /** Resolves once, for the whole process. */
  readonly stopped: Promise<Reason>;
}

/** An app that serves. */
interface Life {
  readonly platform: Platform;
  readonly running: Running;
  readonly app: App;
  readonly restarted: Promise<Reason>;
}

/** Starts one life of the app; what was begun is released when it cannot start. */
async function begin(
  { args, parts }: Run,
  loaded: LoadedConfig,
  sessions: Sessions | undefined,
): Promise<Life> {
  const { log, setLogLevel } = parts;
  const { platform, ...ready } = await createPlatform(loaded, parts);
  const { config } = ready.loaded;
  setLogLevel(config.log.level);
  if (platform.kind === "sim") {
    log.warn({}, "No KVM hardware is used: this is a simulated board with a simulated computer");
  }
  let restart = (): void => undefined;
  const restarted = new Promise<Reason>((resolve) => {
    restart = () => {
      resolve("restart");
    };
  });
  let app: App | undefined;
  const running = createRunning({ ...ready, app: () => app, setLogLevel, log });
  try {
    app = await createApp({
      config,
      platform,
      log,
      sessions,
      version: FARHAND_VERSION,
      webRoot: webRoot(),
      settings: processSettingsKeeper({ args, platform, running, onRestart: restart }),
      onOwner: (owner) => {
        announceOwner(owner, passwdCommand(args, config.dataDir));
      },
    });
    const at = await app.listen();
    log.info({ ...at, roles: config.roles, board: config.device.board }, "Ready");
    announceAddress(ready.loaded, at);
    return { platform, running, app, restarted };
  } catch (error) {
    await shutDown({ app, platform, parts });
    throw error;
  }
}

/** Until a signal or new settings end it. */
async function live({ parts, stopped }: Run, life: Life): Promise<Reason> {
  const { platform, app, restarted } = life;
  platform.service.ready();
  const stopFeeding = feedWatchdog(platform);
  const why = await Promise.race([stopped, restarted]);
  stopFeeding();
  if (why !== "restart") platform.service.stopping();
  parts.log.info(why === "restart" ? { why } : why, "Stopping");
  await shutDown({ app, platform, parts });
  return why;
}

/** Until a signal; settings that are taken over begin another life in the same process. */
async function runUntilStopped(run: Run, first: LoadedConfig): Promise<void> {
  const { log } = run.parts;
  let life = await begin(run, first, undefined);
  while ((await live(run, life)) === "restart") {
    const former = life.running.loaded;
    const { sessions } = life.app.auth;
    const result = await loadFromProcess(run.args);
    // The file was checked when it was written; whoever broke it since is told by the log.
    if (!result.ok) log.error({ problems: problemText(result.problems) }, NOT_TAKEN_OVER);
    const loaded = result.ok ? result.loaded : former;
    // Whoever named a port that is taken must not lose the way to correct it.
    life = await begin(run, loaded, sessions).catch((error: unknown) => {
      if (loaded === former) throw error;
      log.error({ err: error }, NOT_TAKEN_OVER);
      return begin(run, former, sessions);
    });
  }
}

/** `farhand serve`: runs until SIGINT or SIGTERM. */
export async function serveCommand(args: CliArgs): Promise<number> {
  const result = await loadFromProcess(args);
  if (!result.ok) {
    processOutput.stderr(problemText(result.problems));
    return EXIT_CONFIG;
  }
  const parts = await createParts(result.loaded.config);
  try {
    const stopped = untilAskedToStop().then((signal): Reason => ({ signal }));
    await runUntilStopped({ args, parts, stopped }, result.loaded);
    return EXIT_OK;
  } catch (error) {
    parts.log.fatal({ err: error }, "Cannot run");
    complain(error);
    return EXIT_FAILURE;
  } finally {
    parts.flushLog();
  }
}
