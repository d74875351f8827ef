import type { App } from "../app.ts";
import type { Restartable } from "../config/extent.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../core/log.ts";

/** The settings that run, and how parts of the running program get other ones. */
export interface Running {
  /** With the board's values filled in; changes when settings are taken over. */
  readonly loaded: LoadedConfig;
  /** As it would run here. */
  resolve(loaded: LoadedConfig): LoadedConfig;
  /** Begins only these parts anew. What of it cannot run goes on as before; the result tells why. Never rejects. */
  takeOver(next: LoadedConfig, parts: readonly Restartable[]): Promise<string | undefined>;
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
      if (running === undefined) return "The program is only starting";
      const settings = { running: loaded.config, next: next.config, parts };
      const { config, problem } = await running.takeOver(settings);
      setLogLevel(config.log.level);
      loaded = { ...next, config };
      if (problem === undefined) log.info({ parts }, "New settings are taken over");
      else log.error({ parts, problem }, "Not all of the new settings can run");
      return problem;
    },
  };
}
