/** `farhand passwd`: the accounts. A running daemon notices changes by itself and ends the sessions they concern. */
import { parseArgs } from "node:util";
import { AppError, CancelledError, ValidationError, describeError } from "../core/errors.ts";
import { createAccounts } from "../http/auth/accounts.ts";
import type { Accounts } from "../http/auth/accounts.ts";
import { parsePassword, parseUser } from "../http/auth/credentials.ts";
import { USER_ROLES } from "../http/auth/principal.ts";
import type { UserRole } from "../http/auth/principal.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliIo } from "./io.ts";
import { USAGE } from "./usage.ts";

class UsageError extends Error {}

interface Command {
  readonly accounts: Accounts;
  readonly io: CliIo;
  readonly words: readonly string[];
  readonly role: UserRole | undefined;
  readonly readsStdin: boolean;
}

function roleOf(word: string): UserRole {
  const role = USER_ROLES.find((name) => name === word);
  if (role === undefined) {
    throw new ValidationError(`'${word}' is no role, choose one of ${USER_ROLES.join(", ")}`);
  }
  return role;
}

/** Exactly these words after the subcommand. */
function wordsOf({ words }: Command, count: number): string[] {
  if (words.length !== count) throw new UsageError();
  return [...words];
}

async function askPassword({ io, readsStdin }: Command, user: string): Promise<string> {
  if (readsStdin) {
    const text = await io.readStdin();
    return mustBeUsable(text.replace(/\r?\n$/, ""));
  }
  const password = mustBeUsable(await io.readSecret(`New password for '${user}': `));
  const again = await io.readSecret("Once more: ");
  if (again !== password) throw new ValidationError("Sorry, passwords do not match");
  return password;
}

function mustBeUsable(password: string): string {
  if (password === "") throw new ValidationError("The password is empty");
  try {
    return parsePassword(password);
  } catch (cause) {
    const rule = "A password has at most 512 characters, all of them ASCII, in one line";
    throw new ValidationError(rule, { cause });
  }
}

/** Before anybody is asked for a password. */
function mustBeName(user: string): void {
  try {
    parseUser(user);
  } catch (cause) {
    const rule = `'${user}' is no user name: small letters, digits and @ . _ - with a letter or _ at its beginning`;
    throw new ValidationError(rule, { cause });
  }
}

async function mustExist({ accounts }: Command, user: string, wanted: boolean): Promise<void> {
  const all = await accounts.list();
  const exists = all.some((account) => account.user === user);
  if (exists === wanted) return;
  throw new ValidationError(
    wanted ? `The user '${user}' does not exist` : `The user '${user}' already exists`,
  );
}

async function list(command: Command): Promise<void> {
  wordsOf(command, 0);
  const { accounts, io } = command;
  for (const { user, role, isUsable } of await accounts.list()) {
    const remark = isUsable ? "" : "\tcannot sign in: unknown password format";
    io.stdout(`${user}\t${role}${remark}`);
  }
}

async function add(command: Command): Promise<void> {
  const [user = ""] = wordsOf(command, 1);
  mustBeName(user);
  await mustExist(command, user, false);
  await command.accounts.add(user, await askPassword(command, user), command.role);
}

async function set(command: Command): Promise<void> {
  const [user = ""] = wordsOf(command, 1);
  await mustExist(command, user, true);
  await command.accounts.set(user, await askPassword(command, user));
  if (command.role !== undefined) await command.accounts.setRole(user, command.role);
}

async function changeRole(command: Command): Promise<void> {
  const [user = "", role = ""] = wordsOf(command, 2);
  await command.accounts.setRole(user, roleOf(role));
}

async function del(command: Command): Promise<void> {
  const [user = ""] = wordsOf(command, 1);
  await command.accounts.del(user);
}

const COMMANDS: ReadonlyMap<string, (command: Command) => Promise<void>> = new Map([
  ["list", list],
  ["add", add],
  ["set", set],
  ["role", changeRole],
  ["del", del],
]);

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { role: { type: "string" }, "read-stdin": { type: "boolean", default: false } },
    });
  } catch (error) {
    throw new UsageError(describeError(error));
  }
}

async function run(args: readonly string[], io: CliIo): Promise<void> {
  const { values, positionals } = parse(args);
  const [name = "", ...words] = positionals;
  const command = COMMANDS.get(name);
  if (command === undefined) throw new UsageError();
  const isAsked = name === "add" || name === "set";
  if (!isAsked && (values.role !== undefined || values["read-stdin"])) throw new UsageError();
  const { config, files, clock, log } = io;
  const accounts = createAccounts({
    config: config.auth,
    dataDir: config.dataDir,
    files,
    clock,
    log,
  });
  const role = values.role === undefined ? undefined : roleOf(values.role);
  await command({ accounts, io, words, role, readsStdin: values["read-stdin"] });
}

/** Runs the subcommand; the result is the exit code. */
export async function passwdCommand(args: readonly string[], io: CliIo): Promise<number> {
  try {
    await run(args, io);
    return EXIT_OK;
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(error.message === "" ? USAGE.passwd : `${error.message}\n${USAGE.passwd}`);
      return EXIT_USAGE;
    }
    if (!(error instanceof AppError)) throw error;
    if (!(error instanceof CancelledError)) io.stderr(error.message);
    return EXIT_FAILURE;
  }
}
