/** `farhand totp`: the secret of the one-time codes that are appended to passwords. A running daemon notices changes. */
import { AppError, ValidationError } from "../core/errors.ts";
import { totpSecretPath } from "../http/auth/paths.ts";
import { normalizeSecret } from "../http/auth/totp.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliIo } from "./io.ts";
import { USAGE } from "./usage.ts";

const SECRET_MODE = 0o600;

const pathOf = ({ config }: CliIo): string => totpSecretPath(config.auth, config.dataDir);

async function present(io: CliIo, secret: string): Promise<void> {
  const [{ generateURI }, { renderUnicodeCompact }] = await Promise.all([
    import("otplib"),
    import("uqr"),
  ]);
  const uri = generateURI({ issuer: "Farhand", label: io.hostName, secret });
  io.stdout(renderUnicodeCompact(uri));
  io.stdout(`Secret: ${secret}`);
  io.stdout(uri);
}

async function readSecretFile(io: CliIo): Promise<string | undefined> {
  const text = await io.files.read(pathOf(io));
  return text === undefined || text.trim() === "" ? undefined : text;
}

async function init(io: CliIo, force: boolean): Promise<void> {
  if (!force && (await readSecretFile(io)) !== undefined) {
    throw new ValidationError("There is a secret already: 'show' shows it, '--force' replaces it");
  }
  const { generateSecret } = await import("otplib");
  const secret = generateSecret();
  await io.files.writeAtomic(pathOf(io), `${secret}\n`, { mode: SECRET_MODE });
  await present(io, secret);
  io.stdout(
    "Scan the code with an authenticator, then sign in with the password and the six digits.",
  );
}

async function show(io: CliIo): Promise<void> {
  const text = await readSecretFile(io);
  if (text === undefined) throw new ValidationError("TOTP is off: there is no secret");
  const secret = normalizeSecret(text);
  if (secret === undefined) {
    throw new ValidationError(
      `${pathOf(io)} holds no base32 secret; nobody can sign in until it does`,
    );
  }
  await present(io, secret);
}

async function off(io: CliIo): Promise<void> {
  await io.files.remove(pathOf(io));
  io.stdout("TOTP is off.");
}

function run(args: readonly string[], io: CliIo): Promise<void> | undefined {
  switch (args.join(" ")) {
    case "init":
      return init(io, false);
    case "init --force":
      return init(io, true);
    case "show":
      return show(io);
    case "off":
      return off(io);
    default:
      return undefined;
  }
}

/** Runs the subcommand; the result is the exit code. */
export async function totpCommand(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const running = run(args, io);
    if (running === undefined) {
      io.stderr(USAGE.totp);
      return EXIT_USAGE;
    }
    await running;
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    io.stderr(error.message);
    return EXIT_FAILURE;
  }
}
