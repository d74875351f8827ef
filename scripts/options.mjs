// What a script was told on its command line.
import { parseArgs } from "node:util";

/**
 * Reads the words of the command line. `--help` prints the usage and ends the script; a word that is not in the list prints
 * it as well, and ends the script with status 2.
 * @template {import("node:util").ParseArgsConfig} T
 * @param {string} usage
 * @param {T} config for `parseArgs`
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function readOptions(usage, config) {
  if (process.argv.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    refuse(usage, error instanceof Error ? error.message : String(error));
  }
}

/** Ends the script. @param {string} usage @param {string} [reason] @returns {never} */
export function refuse(usage, reason) {
  if (reason !== undefined) console.error(reason);
  console.error(usage);
  process.exit(2);
}
