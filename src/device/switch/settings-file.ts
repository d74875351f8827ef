import { join } from "node:path";
import { describeError } from "../../core/errors.ts";
import type { Logger } from "../../core/log.ts";
import type { Unsubscribe } from "../../core/store.ts";
import type { FileStore } from "../../platform/files/port.ts";
import {
  DEFAULT_EDID_ID,
  DEFAULT_SETTINGS,
  formatSettings,
  normalizeEdid,
  parseSettings,
} from "./switch-settings.ts";
import type { StoredEdid, SwitchSettings } from "./switch-settings.ts";

export interface SettingsFileOptions {
  readonly dataDir: string;
  /** Empty: the plain one. */
  readonly defaultEdidFile: string;
  readonly files: FileStore;
  readonly log: Logger;
}

const FILE_MODE = 0o600;

/** `switch.json` in the data directory, and the default EDID's file. */
export class SettingsFile {
  readonly #options: SettingsFileOptions;
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SettingsFileOptions) {
    this.#options = options;
    this.#path = join(options.dataDir, "switch.json");
  }

  /** The defaults where there is no file, or none that can be read. Never rejects. */
  async load(): Promise<SwitchSettings> {
    const settings = await this.#read();
    const edid = await this.#readDefaultEdid();
    return withDefaultEdid(settings, edid);
  }

  /** Changes run one after the other: each is made from the newest settings, written, and only then published. */
  change(make: () => SwitchSettings, publish: (settings: SwitchSettings) => void): Promise<void> {
    const run = async (): Promise<void> => {
      const settings = make();
      const text = formatSettings(settings);
      await this.#options.files.writeAtomic(this.#path, text, { mode: FILE_MODE });
      publish(settings);
    };
    const running = this.#last.then(run);
    // One change that fails must not keep the next from being tried.
    this.#last = running.catch(() => undefined);
    return running;
  }

  /** Resolves when nothing is being written any more. Never rejects. */
  settled(): Promise<void> {
    return this.#last;
  }

  watchDefaultEdid(
    onChange: (change: (settings: SwitchSettings) => SwitchSettings) => void,
  ): Unsubscribe {
    const { defaultEdidFile, files } = this.#options;
    if (defaultEdidFile === "") return () => undefined;
    return files.watch(defaultEdidFile, () => {
      void this.#readDefaultEdid().then((edid) => {
        onChange((settings) => withDefaultEdid(settings, edid));
      });
    });
  }

  async #read(): Promise<SwitchSettings> {
    const { files, log } = this.#options;
    try {
      const text = await files.read(this.#path);
      return text === undefined ? DEFAULT_SETTINGS : parseSettings(text);
    } catch (error) {
      const reason = describeError(error);
      log.error({ path: this.#path, reason }, "Switch settings cannot be read, using the defaults");
      return DEFAULT_SETTINGS;
    }
  }

  /** Undefined when the file is missing or holds none. */
  async #readDefaultEdid(): Promise<StoredEdid | undefined> {
    const { defaultEdidFile: path, files, log } = this.#options;
    if (path === "") return undefined;
    try {
      const data = normalizeEdid((await files.read(path)) ?? "");
      if (data !== undefined) return { name: "Default", data };
      log.warn({ path }, "The default EDID's file holds no EDID, using the plain one");
    } catch (error) {
      log.warn({ path, reason: describeError(error) }, "The default EDID cannot be read");
    }
    return undefined;
  }
}

function withDefaultEdid(settings: SwitchSettings, edid: StoredEdid | undefined): SwitchSettings {
  const fallback = DEFAULT_SETTINGS.edids[DEFAULT_EDID_ID];
  const chosen = edid ?? fallback;
  if (chosen === undefined) return settings;
  return { ...settings, edids: { ...settings.edids, [DEFAULT_EDID_ID]: chosen } };
}
