import type { CliIo } from "../../src/cli/io.ts";
import type { Config } from "../../src/config/schema.ts";
import { silentLogger } from "../../src/core/log.ts";
import { AUTH_CONFIG } from "./auth-fixture.ts";
import { fakeClock } from "./fake-clock.ts";
import { memoryFiles } from "./memory-files.ts";
import type { MemoryFiles } from "./memory-files.ts";

export interface CliFixture {
  readonly io: CliIo;
  readonly files: MemoryFiles;
  readonly out: string[];
  readonly err: string[];
  /** What was asked so far. */
  readonly prompts: string[];
}

export interface CliInput {
  /** Answers to hidden prompts, in order. */
  readonly secrets?: readonly string[];
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** A process for subcommands that keep accounts: data in `/data`, in memory. */
export function cliFixture({
  secrets = [],
  stdin = "",
  files: initial = {},
}: CliInput): CliFixture {
  const files = memoryFiles(initial);
  const out: string[] = [];
  const err: string[] = [];
  const prompts: string[] = [];
  const answers = [...secrets];
  const config = { auth: AUTH_CONFIG, dataDir: "/data" } as Config;
  const io: CliIo = {
    config,
    files,
    clock: fakeClock(),
    log: silentLogger,
    hostName: "kvm",
    stdout: (line) => {
      out.push(line);
    },
    stderr: (line) => {
      err.push(line);
    },
    readSecret: (prompt) => {
      prompts.push(prompt);
      const answer = answers.shift();
      return answer === undefined
        ? Promise.reject(new Error(`Unexpected prompt: ${prompt}`))
        : Promise.resolve(answer);
    },
    readStdin: () => Promise.resolve(stdin),
  };
  return { io, files, out, err, prompts };
}
