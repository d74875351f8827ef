import { parseArgs } from "./cli/args.ts";
import type { CliArgs } from "./cli/args.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./cli/io.ts";
import { complain, processOutput } from "./cli/process-io.ts";
import { AppError } from "./core/errors.ts";
import { FARHAND_VERSION } from "./config/version.ts";
import { limitYoungHeap } from "./platform/process/heap-limits.ts";

const USAGE = `Usage: farhand [command] [--config FILE] [--section.key VALUE ...]

  serve                        run the daemon (the default)
  check-config [--explain]     check the configuration; show every value and where it comes from
  print-schema                 JSON Schema of the configuration file, for editors
  passwd list|add|set|role|del accounts; passwords are asked for, or read with --read-stdin
  totp init|show|off           one-time codes as a second factor
  pair ADDRESS --komari-token|--komari-key|--nezha-secret|--nezha-token SECRET
                               this machine on a monitoring server (role agent); --list, --remove
  pair --pasarguard            what a PasarGuard panel asks for (role proxy)
  node add|list|remove|token   the nodes of the fleet (role hub)
  backup FILE, restore FILE    the fleet's database, also while the daemon runs
  doctor [--json]              what hardware and programs were found, and what is missing
  routes [--json]              every address of the HTTP server and who may use it
  routes --openapi             our own API as an OpenAPI 3.1 document
  import-kvmd [--from FOLDER]  takes over settings, accounts and one-time codes of a PiKVM
  gadget-helper                as root: makes the USB gadget for a daemon that is not

  --help, --version`;

type Command = (args: CliArgs) => Promise<number>;

/** Each command is loaded when it is used. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./cli/serve.ts")).serveCommand,
  "check-config": async () => (await import("./cli/commands.ts")).checkConfig,
  "print-schema": async () => (await import("./cli/commands.ts")).printSchema,
  passwd: async () => (await import("./cli/commands.ts")).passwd,
  totp: async () => (await import("./cli/commands.ts")).totp,
  pair: async () => (await import("./cli/commands.ts")).pair,
  node: async () => (await import("./cli/commands.ts")).node,
  backup: async () => (await import("./cli/commands.ts")).backup,
  restore: async () => (await import("./cli/commands.ts")).restore,
  doctor: async () => (await import("./cli/commands.ts")).doctor,
  routes: async () => (await import("./cli/commands.ts")).routes,
  "import-kvmd": async () => (await import("./cli/commands.ts")).importKvmd,
  "gadget-helper": async () => (await import("./cli/gadget-helper.ts")).gadgetHelper,
};

async function run(argv: readonly string[]): Promise<number> {
  const args = parseArgs(argv);
  if (args.switches.has("version")) {
    processOutput.stdout(FARHAND_VERSION);
    return EXIT_OK;
  }
  if (args.switches.has("help") || args.command === "help") {
    processOutput.stdout(USAGE);
    return EXIT_OK;
  }
  const load = Object.hasOwn(COMMANDS, args.command) ? COMMANDS[args.command] : undefined;
  if (load === undefined) {
    processOutput.stderr(`farhand: '${args.command}' is not a command\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  const command = await load();
  return command(args);
}

limitYoungHeap();
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  complain(error);
  const isMisuse = error instanceof AppError && error.code === "USAGE";
  process.exitCode = isMisuse ? EXIT_USAGE : EXIT_FAILURE;
}
