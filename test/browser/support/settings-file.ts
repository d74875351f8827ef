import { createFileSettings } from "../../../src/cli/file-settings.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { SettingsKeeper } from "../../../src/config/settings.ts";
import { memoryFiles } from "../../support/memory-files.ts";

const FILE = "/etc/farhand/farhand.yaml";

/** A configuration file that the settings pages change; what runs stays as it is. */
export async function settingsFile(
  text: string,
): Promise<{ readonly settings: SettingsKeeper; readonly text: () => string }> {
  const files = memoryFiles({ [FILE]: text });
  const sources = { env: {}, readFile: (path: string) => files.read(path) };
  const result = await loadConfig({ ...sources, file: FILE });
  if (!result.ok) throw new Error("The text is not valid");
  const running = {
    loaded: result.loaded,
    resolve: <T>(loaded: T): T => loaded,
    takeOver: () => Promise.resolve(undefined),
  };
  const settings = createFileSettings({
    sources,
    running,
    files,
    pair: () => Promise.resolve(""),
    onRestart: () => undefined,
  });
  return { settings, text: () => files.content(FILE) ?? "" };
}
