/** `farhand backup FILE` and `farhand restore FILE`: the hub's database, also while the daemon runs. */
import { resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { AppError } from "../core/errors.ts";
import { copyDatabase, stageRestore } from "../hub/series/backup-file.ts";
import { hubPath } from "../hub/hub-path.ts";
import type { CliArgs } from "./args.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliOutput } from "./output.ts";
import { USAGE } from "./usage.ts";

export interface HubFileParts {
  readonly args: CliArgs;
  readonly config: Config;
}

async function run(
  name: "backup" | "restore",
  { args, config }: HubFileParts,
  out: CliOutput,
): Promise<number> {
  const [word, ...more] = args.words;
  if (word === undefined || more.length > 0) {
    out.stderr(USAGE[name]);
    return EXIT_USAGE;
  }
  const file = resolve(word);
  const path = hubPath(config.hub, config.dataDir);
  try {
    if (name === "backup") {
      await copyDatabase(path, file);
      out.stdout(`Copied ${path} to ${file}, and checked the copy`);
      return EXIT_OK;
    }
    await stageRestore(file, path);
    out.stdout(`${file} is whole, and takes the place of ${path} at the next start:`);
    out.stdout("  systemctl restart farhand");
    out.stdout(`The present one is kept beside it as ${path}.before-restore`);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    out.stderr(error.message);
    return EXIT_FAILURE;
  }
}

export const backupCommand = (parts: HubFileParts, out: CliOutput): Promise<number> =>
  run("backup", parts, out);

export const restoreCommand = (parts: HubFileParts, out: CliOutput): Promise<number> =>
  run("restore", parts, out);
