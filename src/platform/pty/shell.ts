import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";
import { MissingPartError } from "../../core/errors.ts";
import type { Environment } from "../process/environment.ts";
import { DEFAULT_PATH } from "../process/environment.ts";

/** Who this process is. */
export interface Account {
  readonly uid: number;
  readonly name: string;
  readonly home: string;
  /** Login shell; empty when the account has none. */
  readonly shell: string;
}

/** What to start for a person, and with which variables. */
export interface ShellProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ShellRequest {
  /** Empty: the account of this process. */
  readonly user: string;
  /** Empty: the account's login shell. */
  readonly command: readonly string[];
}

const FALLBACK_SHELLS = ["/bin/bash", "/bin/sh"];
/** Service accounts have these so that nobody signs in with them. */
const NO_SHELL = /\/(?:nologin|false|sync)$/;

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The account that this process runs as, also when the system has no entry for it. */
export function currentAccount(): Account {
  try {
    const { uid, username, homedir, shell } = userInfo();
    return { uid, name: username, home: homedir, shell: shell ?? "" };
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, name: String(uid), home: "/", shell: "" };
  }
}

function shellOf({ shell }: Account): string {
  if (shell !== "" && !NO_SHELL.test(shell) && canRun(shell)) return shell;
  return FALLBACK_SHELLS.find(canRun) ?? "/bin/sh";
}

/** Nothing of the daemon's own environment, which may hold secrets, except the language. */
function environmentOf({ home, name }: Account, shell: string, inherited: Environment) {
  const { LANG: language = "C.UTF-8" } = inherited;
  return {
    HOME: home,
    LANG: language,
    LOGNAME: name,
    PATH: DEFAULT_PATH,
    SHELL: shell,
    USER: name,
  };
}

/**
 * How to start the shell. Another account's is started through `runuser`, which only root may use: rejects with
 * `MissingPartError` for everybody else.
 */
export function shellProgram(
  { user, command }: ShellRequest,
  me: Account,
  inherited: Environment,
): ShellProgram {
  const shell = shellOf(me);
  const env = environmentOf(me, shell, inherited);
  const cwd = canRun(me.home) ? me.home : "/";
  const [program, ...rest] = command;
  if (user === "" || user === me.name) {
    const args = program === undefined ? ["-l"] : rest;
    return { command: program ?? shell, args, cwd, env };
  }
  if (me.uid !== 0) {
    throw new MissingPartError(
      `The terminal is to run as '${user}', but this daemon runs as '${me.name}' and only root may change that; set device.terminal.user to '${me.name}' or leave it empty`,
    );
  }
  const args = program === undefined ? ["-l", user] : ["-u", user, "--", program, ...rest];
  return { command: "runuser", args, cwd: "/", env };
}
