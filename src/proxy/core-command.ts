import type { Config } from "../config/schema.ts";
import { MissingPartError } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { ProcessRunner } from "../platform/process/port.ts";
import { parseCoreVersion } from "../protocol/xray/dialect.ts";
import type { CoreVersion } from "../protocol/xray/dialect.ts";
import { CoreStartError } from "./proxy-errors.ts";

export interface CoreCommandOptions {
  readonly config: Config["proxy"]["core"];
  readonly process: ProcessRunner;
  readonly files: FileStore;
  readonly log: Logger;
}

/** How the core is started on this machine. */
export interface CoreCommand extends CoreVersion {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Looked for when the configuration names no program. */
const PROGRAMS = ["xray", "v2ray"];
/** Accounts to run the core as, when this process may choose: the first that exists. */
const ACCOUNTS = ["farhand-proxy", "nobody"];
const PROBE_TIMEOUT_MS = 5000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** All that a core needs of the powers of root: ports below 1024. */
const CAPABILITIES = "-all,+net_bind_service";

interface Account {
  readonly uid: number;
  readonly gid: number;
}

async function findProgram(options: CoreCommandOptions): Promise<string> {
  const { config, process } = options;
  if (config.path !== "") {
    const found = await process.which(config.path);
    if (found !== undefined) return found;
    throw new CoreStartError(
      `no xray core on this node: ${config.path} is not a program that can be run (proxy.core.path)`,
    );
  }
  for (const name of PROGRAMS) {
    const found = await process.which(name);
    if (found !== undefined) return found;
  }
  throw new CoreStartError(
    "no xray core on this node: install xray, for example as /usr/local/bin/xray, or name it in proxy.core.path",
  );
}

/** Xray has a subcommand `version`; V2Ray 4 takes that word for a request to run, and knows a flag. */
async function probeVersion(program: string, process: ProcessRunner): Promise<CoreVersion> {
  for (const argument of ["version", "-version"]) {
    try {
      const { stdout } = await process.run(program, [argument], { timeoutMs: PROBE_TIMEOUT_MS });
      const version = parseCoreVersion(stdout);
      if (version !== undefined) return version;
    } catch (error) {
      if (error instanceof MissingPartError) {
        throw new CoreStartError(error.message, { cause: error });
      }
    }
  }
  throw new CoreStartError(`could not parse Xray version of ${program}`);
}

async function isRoot(files: FileStore): Promise<boolean> {
  const status = (await files.read("/proc/self/status")) ?? "";
  return /^Uid:\s+\d+\s+0\s/m.test(status);
}

async function findAccount(name: string, files: FileStore): Promise<Account | undefined> {
  const lines = ((await files.read("/etc/passwd")) ?? "").split("\n");
  const fields = lines.map((line) => line.split(":")).find(([user]) => user === name);
  if (fields === undefined) return undefined;
  return { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/** The account for the core; undefined when it must be that of this process. */
async function chooseAccount(options: CoreCommandOptions): Promise<Account | undefined> {
  const { config, files, log } = options;
  if (!(await isRoot(files))) {
    if (config.user !== "") {
      log.warn({ user: config.user }, "The core runs as this process does: only root may choose");
    }
    return undefined;
  }
  for (const name of config.user === "" ? ACCOUNTS : [config.user]) {
    const account = await findAccount(name, files);
    if (account !== undefined) return account;
  }
  if (config.user === "") return undefined;
  throw new CoreStartError(`there is no account ${config.user} on this node (proxy.core.user)`);
}

function restrictions(account: Account | undefined): readonly string[] {
  const always = ["--no-new-privs", "--pdeathsig", "KILL"];
  if (account === undefined) return always;
  return [
    "--reuid",
    String(account.uid),
    "--regid",
    String(account.gid),
    "--clear-groups",
    `--inh-caps=${CAPABILITIES}`,
    `--ambient-caps=${CAPABILITIES}`,
    `--bounding-set=${CAPABILITIES}`,
    ...always,
  ];
}

/** Nothing of this process's own environment, which may hold secrets. */
function environment(assets: string): readonly string[] {
  return ["-i", `PATH=${PATH}`, `XRAY_LOCATION_ASSET=${assets}`, `V2RAY_LOCATION_ASSET=${assets}`];
}

/**
 * Finds the core and puts its command together: an empty environment, an account of its own where this process is
 * root, no way to gain privileges, and an end together with this process. Rejects with `CoreStartError`.
 */
export async function prepareCoreCommand(options: CoreCommandOptions): Promise<CoreCommand> {
  const { config, process, log } = options;
  const program = await findProgram(options);
  const version = await probeVersion(program, process);
  const account = await chooseAccount(options);
  const clean = environment(config.assets);
  const run = [program, "-c", "stdin:"];
  const setpriv = await process.which("setpriv");
  if (setpriv !== undefined) {
    return {
      ...version,
      command: "env",
      args: [...clean, setpriv, ...restrictions(account), "--", ...run],
    };
  }
  log.warn({}, "The core runs without its restrictions: install setpriv (util-linux)");
  return { ...version, command: "env", args: [...clean, ...run], ...account };
}
