import { describeError } from "../core/errors.ts";
import { CONFIG_VARIABLE, readEnvironment, readFlags } from "./environment.ts";
import { freezeDeep } from "./freeze.ts";
import { isTree, valueAt } from "./json-schema.ts";
import type { Path } from "./json-schema.ts";
import { mergeInputs } from "./merge.ts";
import { migrateInput } from "./migrate.ts";
import { problemOf } from "./problems.ts";
import type { ConfigInput, ConfigProblem, Origin } from "./problems.ts";
import { checkRules } from "./rules.ts";
import { ConfigSchema } from "./schema.ts";
import type { Config } from "./schema.ts";
import { resolveSecrets } from "./secrets.ts";
import type { ReadFile } from "./secrets.ts";

/** Exit status for a configuration that cannot be used: EX_CONFIG. */
export const EXIT_CONFIG = 78;

/** Read when neither a flag nor `FARHAND__CONFIG` names a file; it may be missing. */
export const DEFAULT_CONFIG_FILE = "/etc/farhand/farhand.yaml";

export interface ConfigSources {
  /** The file named on the command line; it must exist. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Dotted paths with their texts, the strongest source. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly readFile: ReadFile;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Origin of every value by its dotted path. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The file that was read, undefined when there is none. */
  readonly file: string | undefined;
}

export type LoadResult =
  | { readonly ok: true; readonly loaded: LoadedConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

interface FileResult {
  readonly file: string | undefined;
  readonly inputs: readonly ConfigInput[];
  readonly problems: readonly ConfigProblem[];
}

function fileProblem(source: string, rule: string): ConfigProblem {
  return {
    path: "",
    value: undefined,
    rule,
    nearest: undefined,
    origin: "file",
    source,
    line: undefined,
  };
}

async function readConfigFile(sources: ConfigSources): Promise<FileResult> {
  const named = sources.file ?? nonEmpty(sources.env[CONFIG_VARIABLE]);
  const file = named ?? DEFAULT_CONFIG_FILE;
  const refuse = (problems: readonly ConfigProblem[]) => ({ file, inputs: [], problems });
  let text: string | undefined;
  try {
    text = await sources.readFile(file);
  } catch (error) {
    return refuse([fileProblem(file, `cannot be read: ${describeError(error)}`)]);
  }
  if (text === undefined) {
    if (named === undefined) return { file: undefined, inputs: [], problems: [] };
    return refuse([fileProblem(file, "cannot be read: there is no such file")]);
  }
  // The parser is loaded for those who have a file.
  const { parseYamlFile } = await import("./yaml-file.ts");
  const parsed = parseYamlFile(file, text);
  if (Array.isArray(parsed)) return refuse(parsed);
  const migrated = migrateInput(parsed);
  return "value" in migrated && "rule" in migrated
    ? refuse([migrated])
    : { file, inputs: [migrated], problems: [] };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/** Where state is kept when the configuration does not say. */
function defaultDataDir(env: ConfigSources["env"]): string {
  // systemd separates several state directories by colons.
  const state = nonEmpty(env["STATE_DIRECTORY"]?.split(":")[0]);
  if (state !== undefined) return state;
  const share = nonEmpty(env["XDG_DATA_HOME"]);
  if (share !== undefined) return `${share}/farhand`;
  const home = nonEmpty(env["HOME"]);
  return home === undefined ? "/var/lib/farhand" : `${home}/.local/share/farhand`;
}

/** The description has accepted every part of the tree. */
function isSound(tree: unknown, problems: readonly ConfigProblem[]): tree is Config {
  return isTree(tree) && problems.length === 0;
}

/** The strongest input that sets the value at `path`, or else the section around it: to blame for a broken rule. */
function inputOf(path: Path, inputs: readonly ConfigInput[]): ConfigInput {
  const input = inputs.findLast(({ value }) => valueAt(value, path) !== undefined);
  if (input !== undefined) return input;
  if (path.length > 0) return inputOf(path.slice(0, -1), inputs);
  return { origin: "default", source: "defaults", value: undefined };
}

/**
 * Reads the configuration: defaults, then the file, then environment variables, then flags, each beating the one
 * before. Gives either a complete, frozen configuration or every problem of every source. Never rejects.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadResult> {
  const file = await readConfigFile(sources);
  const environment = readEnvironment(sources.env);
  const flags = readFlags(sources.flags ?? {});
  const inputs = [...file.inputs, ...environment.inputs, ...flags.inputs];
  const merged = mergeInputs(ConfigSchema, inputs);
  merged.problems.unshift(...file.problems);
  merged.problems.push(...environment.problems);
  await resolveSecrets(merged, sources.readFile);
  if (merged.tree["dataDir"] === "") merged.tree["dataDir"] = defaultDataDir(sources.env);
  const tree: unknown = merged.tree;
  if (!isSound(tree, merged.problems)) return { ok: false, problems: merged.problems };
  const broken = checkRules(tree);
  if (broken.length > 0) {
    const problems = broken.map((finding) => problemOf(finding, inputOf(finding.path, inputs)));
    return { ok: false, problems };
  }
  const config = freezeDeep(tree);
  return { ok: true, loaded: { config, origins: merged.origins, file: file.file } };
}
