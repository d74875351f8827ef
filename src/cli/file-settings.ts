import { DEFAULT_CONFIG_FILE, loadConfig } from "../config/load.ts";
import type { ConfigSources, LoadedConfig } from "../config/load.ts";
import { listSettings, withSettings } from "../config/settings.ts";
import type { SettingsKeeper, SettingsSnapshot } from "../config/settings.ts";
import { ValidationError } from "../core/errors.ts";
import type { FileStore } from "../platform/files/port.ts";
import { problemText } from "./check-config.ts";

export interface FileSettingsOptions {
  /** What the process was started with. */
  readonly sources: ConfigSources;
  readonly running: LoadedConfig;
  readonly files: FileStore;
  /** `farhand pair` with these words; what it said, or rejects with `ValidationError`. */
  readonly pair: (words: readonly string[]) => Promise<string>;
  readonly onRestart: () => void;
}

/** A file that is made by the first change keeps what runs now. */
const firstText = ({ config }: LoadedConfig): string => `roles: [${config.roles.join(", ")}]\n`;

/** The configuration file of the running process. */
export function createFileSettings(options: FileSettingsOptions): SettingsKeeper {
  const { sources, running, files, pair, onRestart } = options;
  const file = running.file ?? sources.file ?? DEFAULT_CONFIG_FILE;
  let turn: Promise<unknown> = Promise.resolve();
  const load = async (text: string | undefined): Promise<LoadedConfig> => {
    const readFile = (path: string): Promise<string | undefined> =>
      path === file ? Promise.resolve(text) : files.read(path);
    const named = text === undefined ? sources.file : file;
    const result = await loadConfig({ ...sources, file: named, readFile });
    if (!result.ok) throw new ValidationError(problemText(result.problems));
    return result.loaded;
  };
  const snapshotOf = (loaded: LoadedConfig): SettingsSnapshot => ({
    file,
    settings: listSettings(loaded),
    needsRestart: JSON.stringify(loaded.config) !== JSON.stringify(running.config),
  });
  return {
    read: async () => snapshotOf(await load(await files.read(file))),
    change(changes) {
      const work = async (): Promise<SettingsSnapshot> => {
        const text = (await files.read(file)) ?? firstText(running);
        const next = withSettings(text, changes);
        const loaded = await load(next);
        await files.writeAtomic(file, next);
        return snapshotOf(loaded);
      };
      // Two pages that save at the same moment must not lose each other's changes.
      const done = turn.then(work, work);
      turn = done.catch(() => undefined);
      return done;
    },
    pair: ({ address, kind, secret, acceptsAnyCertificate }) =>
      pair([address, `--${kind}`, secret, ...(acceptsAnyCertificate ? ["--insecure"] : [])]),
    unpair: (address) => pair(["--remove", address]),
    restart: onRestart,
  };
}
