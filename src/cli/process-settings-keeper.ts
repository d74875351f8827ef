import type { SettingsKeeper } from "../config/settings.ts";
import { processEnvironment } from "../config/process-env.ts";
import { CancelledError, ValidationError } from "../core/errors.ts";
import type { CliArgs } from "./args.ts";
import { createFileSettings } from "./file-settings.ts";
import { files, readFile } from "./start-up.ts";
import type { ReadyPlatform } from "./start-up.ts";

/** The pairing commands have no terminal here. */
const noSecret = (): Promise<string> => Promise.reject(new CancelledError());

async function pair(ready: ReadyPlatform, words: readonly string[]): Promise<string> {
  const [{ pairAgentCommand }, { pairParts }] = await Promise.all([
    import("./pair-agent.ts"),
    import("./pair-parts.ts"),
  ]);
  const said: string[] = [];
  const note = (text: string): void => void said.push(text);
  const out = { stdout: note, stderr: note };
  const code = await pairAgentCommand(words, pairParts(ready, noSecret), out);
  if (code !== 0) throw new ValidationError(said.join("\n"));
  return said.join("\n");
}

/** The settings of this process. */
export function processSettingsKeeper(
  args: CliArgs,
  ready: ReadyPlatform,
  onRestart: () => void,
): SettingsKeeper {
  const env = processEnvironment();
  return createFileSettings({
    sources: { file: args.configFile, env, flags: args.settings, readFile },
    running: ready.started,
    files,
    pair: (words) => pair(ready, words),
    onRestart,
  });
}
