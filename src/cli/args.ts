import { AppError } from "../core/errors.ts";

/** The command line cannot be understood; the message says what to write instead. Exit status `EXIT_USAGE`. */
export class UsageError extends AppError {
  static readonly code = "USAGE";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", UsageError.code, message, options);
  }
}

/** Options that stand alone. Every other option has a value and sets a key of the configuration. */
const SWITCHES = ["explain", "help", "json", "openapi", "version"] as const;
export type Switch = (typeof SWITCHES)[number];

const SHORT: Readonly<Record<string, Switch>> = { "-h": "help", "-V": "version" };

function isSwitch(name: string): name is Switch {
  return SWITCHES.some((known) => known === name);
}

export interface CliArgs {
  /** `serve` when the command line names none. */
  readonly command: string;
  /** What follows the command and is no option; for commands with options of their own everything but `--config` and `--help`. */
  readonly words: readonly string[];
  readonly switches: ReadonlySet<Switch>;
  /** Value of `--config`. */
  readonly configFile: string | undefined;
  /** Configuration values by dotted path: `--http.port 8080` or `--http.port=8080`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** These understand what follows them by themselves. */
const OWN_OPTIONS: ReadonlySet<string> = new Set([
  "gadget-helper",
  "import-kvmd",
  "node",
  "pair",
  "passwd",
  "totp",
]);

interface Draft {
  readonly words: string[];
  readonly switches: Set<Switch>;
  readonly settings: Map<string, string>;
}

/** What commands that take no words understand; the others look at theirs themselves. */
const SWITCHES_OF: ReadonlyMap<string, readonly Switch[]> = new Map([
  ["serve", []],
  ["check-config", ["explain"]],
  ["print-schema", []],
  ["doctor", ["json"]],
  ["routes", ["json", "openapi"]],
]);

/** Throws `UsageError` for words and switches that the command would not look at. */
function refuseRest({ command, words, switches }: CliArgs): void {
  const own = SWITCHES_OF.get(command);
  if (own === undefined || switches.has("help") || switches.has("version")) return;
  const foreign = [...switches].find((name) => !own.includes(name));
  const rest = words[0] ?? (foreign === undefined ? undefined : `--${foreign}`);
  if (rest === undefined) return;
  throw new UsageError(`${command} takes no '${rest}'; see farhand --help`);
}

/** Takes one option; true when it has used `next` as its value. */
function takeOption(draft: Draft, option: string, next: string | undefined): boolean {
  const equalsAt = option.indexOf("=");
  const name = option.slice(2, equalsAt === -1 ? undefined : equalsAt);
  if (isSwitch(name)) {
    if (equalsAt !== -1) throw new UsageError(`--${name} takes no value`);
    draft.switches.add(name);
    return false;
  }
  const value = equalsAt === -1 ? next : option.slice(equalsAt + 1);
  if (name === "config" && value === "") throw new UsageError("--config needs the path of a file");
  if (value === undefined || (equalsAt === -1 && value.startsWith("--"))) {
    throw new UsageError(`--${name} needs a value, or is not an option; see farhand --help`);
  }
  draft.settings.set(name, value);
  return equalsAt === -1;
}

/** Of every command. */
const COMMON = /^(?:--config(?:=.*)?|--help|-h)$/s;

/** Whether an option belongs to the command that stands before it. */
function isOwnOption(draft: Draft, argument: string): boolean {
  const [command] = draft.words;
  return command !== undefined && OWN_OPTIONS.has(command) && !COMMON.test(argument);
}

/** Takes the argument at `index`; the number of arguments that it used. */
function takeArgument(draft: Draft, argv: readonly string[], index: number): number {
  const argument = argv[index] ?? "";
  if (argument === "--") {
    // A command with options of its own is told as well where they end.
    draft.words.push(...argv.slice(isOwnOption(draft, argument) ? index : index + 1));
    return argv.length - index;
  }
  if (!/^-./.test(argument) || isOwnOption(draft, argument)) {
    draft.words.push(argument);
    return 1;
  }
  const short = SHORT[argument];
  if (short !== undefined) {
    draft.switches.add(short);
    return 1;
  }
  if (!argument.startsWith("--")) throw new UsageError(`${argument} is not an option`);
  return takeOption(draft, argument, argv[index + 1]) ? 2 : 1;
}

/** Understands the arguments after the program's name; throws `UsageError`. A lone `--` ends the options. */
export function parseArgs(argv: readonly string[]): CliArgs {
  const draft: Draft = { words: [], switches: new Set(), settings: new Map() };
  let index = 0;
  while (index < argv.length) index += takeArgument(draft, argv, index);
  const [command = "serve", ...words] = draft.words;
  const configFile = draft.settings.get("config");
  draft.settings.delete("config");
  const settings = Object.fromEntries(draft.settings);
  const args = { command, words, switches: draft.switches, configFile, settings };
  refuseRest(args);
  return args;
}
