import type { LoadedConfig } from "../config/load.ts";
import type { SettingsKeeper } from "../config/settings.ts";
import { processEnvironment } from "../config/process-env.ts";
import { AppError, CancelledError, ValidationError } from "../core/errors.ts";
import type { Platform } from "../platform/platform.ts";
import type { CliArgs } from "./args.ts";
import { createFileSettings } from "./file-settings.ts";
import type { Running } from "./running.ts";
import { files, readFile } from "./start-up.ts";

/** The pairing commands have no terminal here, and nobody who interrupts them. */
const NOBODY = {
  readSecret: (): Promise<string> => Promise.reject(new CancelledError()),
  signal: new AbortController().signal,
};

async function pair(
  platform: Platform,
  words: readonly string[],
  loaded: LoadedConfig,
): Promise<string> {
  const [{ pairAgentCommand }, { pairParts }] = await Promise.all([
    import("./pair-agent.ts"),
    import("./pair-parts.ts"),
  ]);
  const said: string[] = [];
  const note = (text: string): void => void said.push(text);
  const out = { stdout: note, stderr: note };
  let reason: string = ValidationError.code;
  const onRefusal = (code: string): void => {
    reason = code;
  };
  const parts = { ...pairParts({ platform, loaded }, NOBODY), onRefusal };
  // Not of the error's own kind: that a server refuses this machine must not sign the visitor out.
  if ((await pairAgentCommand(words, parts, out)) !== 0)
    throw new AppError("invalid", reason, said.join("\n"));
  return said.join("\n");
}

export interface ProcessSettingsOptions {
  readonly args: CliArgs;
  readonly platform: Platform;
  readonly running: Running;
  readonly onRestart: () => void;
}

/** The settings of this process. */
export function processSettingsKeeper(options: ProcessSettingsOptions): SettingsKeeper {
  const { args, platform, running, onRestart } = options;
  const env = processEnvironment();
  return createFileSettings({
    sources: { file: args.configFile, env, flags: args.settings, readFile },
    running,
    files,
    pair: (words, loaded) => pair(platform, words, loaded),
    onRestart,
  });
}
