import { fileURLToPath } from "node:url";
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
import { EXIT_FAILURE, EXIT_OK } from "./io.ts";
import { complain, processOutput } from "./process-io.ts";
import { processSettingsKeeper } from "./process-settings-keeper.ts";
import { createParts, createPlatform, loadFromProcess } from "./start-up.ts";
import type { LoggingParts } from "./start-up.ts";

/** After this long a shutdown that hangs is ended by force. */
const SHUTDOWN_LIMIT_MS = 10_000;

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

async function shutDown(app: App, platform: Platform, parts: LoggingParts): Promise<void> {
  const force = setTimeout(() => {
    parts.log.error({}, "Shutdown took too long, ending by force");
    parts.flushLog();
    process.exit(EXIT_FAILURE);
  }, SHUTDOWN_LIMIT_MS);
  force.unref();
  await app.close();
  await platform.close();
}

/** Tells systemd that the event loop turns. */
function feedWatchdog({ service, clock }: Platform): () => void {
  const { watchdogMs } = service;
  if (watchdogMs === undefined) return () => undefined;
  return every(clock, watchdogMs / 2, () => {
    service.alive();
  });
}

/** The pages lie beside the program, which may be one of its chunks. */
function webRoot(): string {
  const own = import.meta.url;
  return fileURLToPath(new URL(own.includes("/chunks/") ? "../web" : "./web", own));
}

/** Why what runs has to end: a signal, or settings that are to be taken over. */
type Ending = { readonly signal: string } | "restart";

interface Run {
  readonly args: CliArgs;
  readonly parts: LoggingParts;
  /** Resolves once, for the whole process. */
  readonly stopped: Promise<Ending>;
}

interface Ended {
  readonly why: Ending;
  /** People stay signed in. */
  readonly sessions: Sessions;
}

/** One life of the app, from its settings to the signal that ends it. */
async function runOnce(
  { args, parts, stopped }: Run,
  loaded: LoadedConfig,
  sessions: Sessions | undefined,
): Promise<Ended> {
  const { log } = parts;
  const ready = await createPlatform(loaded, parts);
  const { platform } = ready;
  const { config } = ready.loaded;
  if (platform.kind === "sim") {
    log.warn({}, "No KVM hardware is used: this is a simulated board with a simulated computer");
  }
  let restart = (): void => undefined;
  const restarted = new Promise<Ending>((resolve) => {
    restart = () => {
      resolve("restart");
    };
  });
  const app = await createApp({
    config,
    platform,
    log,
    sessions,
    version: FARHAND_VERSION,
    webRoot: webRoot(),
    settings: processSettingsKeeper(args, ready, restart),
    onOwner: (owner) => {
      announceOwner(owner, passwdCommand(args, config.dataDir));
    },
  });
  try {
    const at = await app.listen();
    log.info({ ...at, roles: config.roles, board: config.device.board }, "Ready");
    announceAddress(ready.loaded, at);
    platform.service.ready();
    const stopFeeding = feedWatchdog(platform);
    const why = await Promise.race([stopped, restarted]);
    stopFeeding();
    if (why !== "restart") platform.service.stopping();
    log.info(why === "restart" ? { why } : why, "Stopping");
    return { why, sessions: app.auth.sessions };
  } finally {
    await shutDown(app, platform, parts);
  }
}

/** Until a signal; settings that are taken over begin another life in the same process. */
async function runUntilStopped(
  args: CliArgs,
  first: LoadedConfig,
  parts: LoggingParts,
): Promise<void> {
  const stopped = untilAskedToStop().then((signal): Ending => ({ signal }));
  let loaded = first;
  let sessions: Sessions | undefined;
  for (;;) {
    const ended = await runOnce({ args, parts, stopped }, loaded, sessions);
    if (ended.why !== "restart") return;
    ({ sessions } = ended);
    const result = await loadFromProcess(args);
    // The file was checked when it was written; whoever broke it since is told by the log.
    if (result.ok) ({ loaded } = result);
    else parts.log.error({ problems: problemText(result.problems) }, "Settings are not taken over");
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
    await runUntilStopped(args, result.loaded, parts);
    return EXIT_OK;
  } catch (error) {
    parts.log.fatal({ err: error }, "Cannot run");
    complain(error);
    return EXIT_FAILURE;
  } finally {
    parts.flushLog();
  }
}
