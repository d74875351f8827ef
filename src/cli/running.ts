import type { App } from "../app.ts";
import type { Restartable } from "../config/extent.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { TakeOverFailure } from "../config/settings.ts";
import type { Logger } from "../core/log.ts";

/** Why something goes on with the settings before. */
export interface LeftBehind {
  readonly problem: string;
  readonly failures: readonly TakeOverFailure[];
}

/** The settings that run, and how parts of the running program get other ones. */
export interface Running {
  /** With the board's values filled in; changes when settings are taken over. */
  readonly loaded: LoadedConfig;
  /** As it would run here. */
  resolve(loaded: LoadedConfig): LoadedConfig;
  /** Begins only these parts anew. What of it cannot run goes on as before; the result tells why. Never rejects. */
  takeOver(next: LoadedConfig, parts: readonly Restartable[]): Promise<LeftBehind | undefined>;
}

export interface RunningOptions {
  readonly loaded: LoadedConfig;
  readonly resolve: (loaded: LoadedConfig) => LoadedConfig;
  /** Undefined before it is built. */
  readonly app: () => Pick<App, "takeOver"> | undefined;
  readonly setLogLevel: (level: Config["log"]["level"]) => void;
  readonly log: Logger;
}

export function createRunning(options: RunningOptions): Running {
  const { resolve, app, setLogLevel, log } = options;
  let { loaded } = options;
  return {
    get loaded() {
      return loaded;
    },
    resolve,
    async takeOver(next, parts) {
      const running = app();
      if (running === undefined) return { problem: "The program is only starting", failures: [] };
      const settings = { running: loaded.config, next: next.config, parts };
      const { config, problem, failures } = await running.takeOver(settings);
      setLogLevel(config.log.level);
      loaded = { ...next, config };
      if (problem === undefined) {
        log.info({ parts }, "New settings are taken over");
        return undefined;
      }
      log.error({ parts, problem }, "Not all of the new settings can run");
      return { problem, failures };
    },
  };
}
