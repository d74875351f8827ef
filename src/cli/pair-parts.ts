import { processEnvironment } from "../config/process-env.ts";
import { DEFAULT_CONFIG_FILE, loadConfig } from "../config/load.ts";
import type { LoadedConfig } from "../config/load.ts";
import { silentLogger } from "../core/log.ts";
import type { Platform } from "../platform/platform.ts";
import { problemText } from "./check-config.ts";
import type { PairParts } from "./pair.ts";
import type { AgentPairParts } from "./pair-request.ts";
import { readFile } from "./start-up.ts";

/** What pairing needs of this process and its configuration file. */
export function pairParts(
  { platform, loaded }: { readonly platform: Platform; readonly loaded: LoadedConfig },
  { readSecret, signal }: Pick<AgentPairParts, "readSecret" | "signal">,
): PairParts {
  const { config, origins, file = DEFAULT_CONFIG_FILE } = loaded;
  const env = processEnvironment();
  const origin = origins.get("agent.uplinks");
  return {
    ...platform,
    platform,
    config,
    log: silentLogger,
    configFile: file,
    isListFixed: origin === "environment" || origin === "flag",
    checkText: async (text: string) => {
      const read = (path: string) => (path === file ? Promise.resolve(text) : readFile(path));
      const result = await loadConfig({ file, env, readFile: read });
      return result.ok ? "" : problemText(result.problems);
    },
    readSecret,
    signal,
  };
}
