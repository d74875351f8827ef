import { explainConfig } from "../config/explain.ts";
import { EXIT_CONFIG, loadConfig } from "../config/load.ts";
import type { LoadedConfig } from "../config/load.ts";
import { describeProblem, showValue } from "../config/problems.ts";
import type { ConfigProblem } from "../config/problems.ts";
import { resolveBoard } from "../config/resolve-board.ts";
import type { ReadFile } from "../config/secrets.ts";
import type { CliArgs } from "./args.ts";
import type { CliOutput } from "./output.ts";

export interface CheckConfigDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadFile;
  /** Name of the board that this machine is, for `--explain`. */
  readonly recognizeBoard?: () => Promise<string>;
}

/** The problems as they are printed before the program ends with `EXIT_CONFIG`. */
export function problemText(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map((problem) => `  ${describeProblem(problem)}`);
  return `The configuration has ${count}:\n${lines.join("\n")}`;
}

function explanation(loaded: LoadedConfig): string {
  const lines = explainConfig(loaded).map(
    ({ path, value, origin }) => `${origin.padEnd(11)}  ${path}: ${showValue(value)}`,
  );
  return lines.join("\n");
}

/**
 * `farhand check-config [--explain]`: 0 when the configuration can be used, else every problem and 78. With
 * `--explain` the effective values follow with their origins; secrets are hidden.
 */
export async function checkConfigCommand(
  args: CliArgs,
  out: CliOutput,
  deps: CheckConfigDeps,
): Promise<number> {
  const { env, readFile, recognizeBoard } = deps;
  const { configFile: file, settings: flags } = args;
  const result = await loadConfig({ file, env, flags, readFile });
  if (!result.ok) {
    out.stderr(problemText(result.problems));
    return EXIT_CONFIG;
  }
  const { loaded } = result;
  out.stderr(`The configuration is valid (${loaded.file ?? "no file, defaults only"}).`);
  if (args.switches.has("explain")) {
    const isSim = loaded.config.platform === "sim";
    const board = isSim ? "sim" : ((await recognizeBoard?.()) ?? "generic");
    out.stdout(explanation(resolveBoard(loaded, board)));
  }
  return 0;
}
