/** `farhand import-kvmd`: takes over the configuration, accounts and one-time codes of a PiKVM. */
import { parseArgs } from "node:util";
import { importKvmd } from "../config/kvmd-import/import-kvmd.ts";
import type { ImportedFile, KvmdImport } from "../config/kvmd-import/import-kvmd.ts";
import { AppError, describeError } from "../core/errors.ts";
import { passwordFormatOf, verifyPassword } from "../http/auth/passwords.ts";
import { htpasswdPath, totpSecretPath } from "../http/auth/paths.ts";
import { normalizeSecret } from "../http/auth/totp.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliIo } from "./io.ts";
import { USAGE } from "./usage.ts";

export interface ImportIo extends CliIo {
  /** The file that the daemon reads when nothing is named. */
  readonly configFile: string;
  /** A line from the terminal; empty when there is nobody to ask. */
  ask(question: string): Promise<string>;
}

class UsageError extends Error {}

const PRIVATE = 0o600;
const STOCK_PASSWORD = "admin";

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: "string", default: "/etc/kvmd" },
        main: { type: "string", default: "/usr/lib/kvmd/main.yaml" },
        output: { type: "string" },
        "data-dir": { type: "string" },
        yes: { type: "boolean", default: false },
        force: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(describeError(error));
  }
}

/** One line for each account of a password file, with what is to be known about it. */
async function describeAccounts(htpasswd: string): Promise<readonly string[]> {
  const entries = htpasswd
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#") && line.includes(":"));
  return Promise.all(
    entries.map(async (line) => {
      const user = line.slice(0, line.indexOf(":"));
      const hash = line.slice(user.length + 1);
      if (passwordFormatOf(hash) === undefined) {
        return `${user}: cannot sign in until 'farhand passwd set ${user}', its password is stored in a form that is refused`;
      }
      const isStock = await verifyPassword(STOCK_PASSWORD, hash);
      return isStock ? `${user}: has PiKVM's well-known password, change it at once` : user;
    }),
  );
}

async function report(found: KvmdImport, io: ImportIo): Promise<void> {
  const lines = [`Read: ${found.names.join(", ")}`];
  for (const problem of found.problems) lines.push(`Broken: ${problem}`);
  lines.push(`Settings carried over: ${found.settings.length}`);
  const accounts = found.htpasswd === undefined ? [] : await describeAccounts(found.htpasswd);
  lines.push(...accounts.map((account) => `Account ${account}`));
  if (found.totpSecret !== undefined) lines.push(totpLine(found.totpSecret));
  if (found.certificate.length > 0) lines.push("Certificate: carried over");
  if (found.left.length > 0) lines.push("Not carried over:");
  for (const { path, source, reason } of found.left) lines.push(`  ${path} (${source}): ${reason}`);
  io.stderr(lines.join("\n"));
}

function totpLine(secret: string): string {
  return normalizeSecret(secret) === undefined
    ? "One-time codes: not carried over, the secret is not base32"
    : "One-time codes: carried over, the secret stays the same";
}

interface Targets {
  readonly output: string;
  readonly dataDir: string;
}

function filesToWrite(
  found: KvmdImport,
  { output, dataDir }: Targets,
  { config: { auth } }: ImportIo,
): readonly ImportedFile[] {
  const files: ImportedFile[] = [{ path: output, content: found.text, mode: 0o640 }];
  if (found.htpasswd !== undefined) {
    files.push({ path: htpasswdPath(auth, dataDir), content: found.htpasswd, mode: PRIVATE });
  }
  const secret = found.totpSecret === undefined ? undefined : normalizeSecret(found.totpSecret);
  if (secret !== undefined) {
    files.push({ path: totpSecretPath(auth, dataDir), content: `${secret}\n`, mode: PRIVATE });
  }
  return [...files, ...found.certificate];
}

async function existing(files: readonly ImportedFile[], io: ImportIo): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async ({ path }) => ((await io.files.read(path)) === undefined ? [] : [path])),
  );
  return found.flat();
}

async function mayWrite(files: readonly ImportedFile[], io: ImportIo): Promise<boolean> {
  const paths = files.map(({ path }) => `  ${path}`).join("\n");
  const answer = await io.ask(`These files will be written:\n${paths}\nGo on? [y/N] `);
  return /^y(?:es)?$/i.test(answer.trim());
}

async function run(args: readonly string[], io: ImportIo): Promise<number> {
  const { from, main, output = io.configFile, "data-dir": named, yes, force } = parse(args);
  const folder = from.replace(/(?<=.)\/+$/, "");
  const dataDir = named ?? io.config.dataDir;
  const isNamed = named !== undefined;
  const found = await importKvmd({
    files: io.files,
    folder,
    main,
    dataDir,
    isDataDirNamed: isNamed,
  });
  if (found.names.length === 0 && found.problems.length === 0) {
    io.stderr(`${folder} holds no PiKVM configuration`);
    return EXIT_FAILURE;
  }
  await report(found, io);
  if (output === "-") {
    io.stdout(found.text.trimEnd());
    return EXIT_OK;
  }
  if (found.problems.length > 0) {
    io.stderr("Nothing was written: repair the broken files, or move them away");
    return EXIT_FAILURE;
  }
  const files = filesToWrite(found, { output, dataDir }, io);
  const taken = force ? [] : await existing(files, io);
  if (taken.length > 0) {
    io.stderr(
      `Nothing was written: --force replaces what is there already:\n  ${taken.join("\n  ")}`,
    );
    return EXIT_FAILURE;
  }
  if (!yes && !(await mayWrite(files, io))) {
    io.stderr("Nothing was written");
    return EXIT_FAILURE;
  }
  for (const { path, content, mode } of files) {
    await io.files.writeAtomic(path, content, { mode });
    io.stdout(`Wrote ${path}`);
  }
  return EXIT_OK;
}

/** Runs the command; the result is the exit code. */
export async function importKvmdCommand(args: readonly string[], io: ImportIo): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`${error.message}\n${USAGE["import-kvmd"]}`);
      return EXIT_USAGE;
    }
    if (!(error instanceof AppError)) throw error;
    io.stderr(error.message);
    return EXIT_FAILURE;
  }
}
