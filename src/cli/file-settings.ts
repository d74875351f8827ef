import { extentOf } from "../config/extent.ts";
import { DEFAULT_CONFIG_FILE, loadConfig } from "../config/load.ts";
import type { ConfigSources, LoadedConfig } from "../config/load.ts";
import { expectSeen, listSettings, withSettings } from "../config/settings.ts";
import type {
  SettingChanges,
  SettingsKeeper,
  SettingsSnapshot,
  TakeOver,
} from "../config/settings.ts";
import { ValidationError } from "../core/errors.ts";
import { createLane } from "../core/lane.ts";
import type { FileStore } from "../platform/files/port.ts";
import { problemText } from "./check-config.ts";
import type { Running } from "./running.ts";

export interface FileSettingsOptions {
  /** What the process was started with. */
  readonly sources: ConfigSources;
  readonly running: Running;
  readonly files: FileStore;
  /** `farhand pair` with these words, for what the file says now; what it said, or rejects like `SettingsKeeper.pair`. */
  readonly pair: (words: readonly string[], loaded: LoadedConfig) => Promise<string>;
  readonly onRestart: () => void;
}

/** A file that is made by the first change keeps what runs now. */
const firstText = ({ config }: LoadedConfig): string => `roles: [${config.roles.join(", ")}]\n`;

/** The configuration file of the running process. */
export function createFileSettings(options: FileSettingsOptions): SettingsKeeper {
  const { sources, running, files, pair, onRestart } = options;
  const file = running.loaded.file ?? sources.file ?? DEFAULT_CONFIG_FILE;
  // What is read in one call is still so when it writes.
  const inTurn = createLane();
  const load = async (text: string | undefined): Promise<LoadedConfig> => {
    const readFile = (path: string): Promise<string | undefined> =>
      path === file ? Promise.resolve(text) : files.read(path);
    const named = text === undefined ? sources.file : file;
    const result = await loadConfig({ ...sources, file: named, readFile });
    if (!result.ok) throw new ValidationError(problemText(result.problems));
    return result.loaded;
  };
  const loadFile = async (): Promise<LoadedConfig> => load(await files.read(file));
  const snapshotOf = (loaded: LoadedConfig): SettingsSnapshot => ({
    file,
    settings: listSettings(loaded),
    restarts: extentOf(running.loaded.config, running.resolve(loaded).config),
  });
  const takeOver = async (): Promise<TakeOver> => {
    const next = running.resolve(await loadFile());
    const restarted = extentOf(running.loaded.config, next.config);
    const nothing = { problem: null, failures: [] };
    if (restarted === "everything" || restarted.length === 0) return { restarted, ...nothing };
    return { restarted, ...((await running.takeOver(next, restarted)) ?? nothing) };
  };
  const change = async (
    changes: SettingChanges,
    seen: SettingChanges = new Map(),
  ): Promise<SettingsSnapshot> => {
    const before = await files.read(file);
    if (seen.size > 0) expectSeen(listSettings(await load(before)), seen);
    const text = before ?? firstText(running.loaded);
    const next = withSettings(text, changes);
    const loaded = await load(next);
    await files.writeAtomic(file, next);
    return snapshotOf(loaded);
  };
  const pairWith = (...words: readonly string[]): Promise<string> =>
    inTurn(async () => pair(words, await loadFile()));
  return {
    read: async () => snapshotOf(await loadFile()),
    change: (changes, seen) => inTurn(() => change(changes, seen)),
    pair: ({ address, kind, secret, acceptsAnyCertificate }) =>
      pairWith(address, `--${kind}`, secret, ...(acceptsAnyCertificate ? ["--insecure"] : [])),
    unpair: (address) => pairWith("--remove", address),
    takeOver: () => inTurn(takeOver),
    restart: onRestart,
  };
}
