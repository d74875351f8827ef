import { parseArgs } from "./cli/args.ts";
import type { CliArgs } from "./cli/args.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./cli/io.ts";
import { complain, processOutput } from "./cli/process-io.ts";
import { usageOf } from "./cli/usage.ts";
import { AppError } from "./core/errors.ts";
import { FARHAND_VERSION } from "./config/version.ts";
import { limitYoungHeap } from "./platform/process/heap-limits.ts";

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
    const asked = [args.command, ...args.words].filter((word) => word !== "help");
    processOutput.stdout(usageOf(asked));
    return EXIT_OK;
  }
  const load = Object.hasOwn(COMMANDS, args.command) ? COMMANDS[args.command] : undefined;
  if (load === undefined) {
    processOutput.stderr(`farhand: '${args.command}' is not a command\n\n${usageOf()}`);
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
