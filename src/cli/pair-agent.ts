/** `farhand pair ADDRESS`: this machine on a Komari server or a Nezha dashboard. */
import { dirname } from "node:path";
import { checkKomari, registerKomari } from "../agent/komari/pair.ts";
import { identityFile } from "../agent/komari/identity.ts";
import type { UplinkConfig } from "../config/schema.ts";
import { serverOf, withoutUplink, withUplink } from "../config/uplink-file.ts";
import type { WrittenUplink } from "../config/uplink-file.ts";
import { AppError, CancelledError, ValidationError } from "../core/errors.ts";
import { CertificateError } from "../platform/web/port.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliOutput } from "./output.ts";
import {
  baseAddress,
  demandOnly,
  PAIR_SECRETS,
  PairUsageError,
  parsePairWords,
} from "./pair-request.ts";
import type { AgentPairParts, Paired, PairRequest } from "./pair-request.ts";
import { USAGE } from "./usage.ts";

async function requestOf(words: readonly string[], parts: AgentPairParts): Promise<PairRequest> {
  const parsed = parsePairWords(words);
  const { values, positionals } = parsed;
  const given = PAIR_SECRETS.filter((name) => values[name] !== undefined);
  const [address] = positionals;
  const [kind, ...others] = given;
  if (address === undefined || kind === undefined || others.length > 0) throw new PairUsageError();
  demandOnly(kind, parsed);
  const text = values[kind] ?? "";
  const secret = text === "-" ? await parts.readSecret(`${kind}: `) : text;
  if (secret === "") throw new ValidationError(`The value of --${kind} is empty`);
  return { address, kind, secret, options: values };
}

async function pairKomari(request: PairRequest, parts: AgentPairParts): Promise<Paired> {
  const { web, host } = parts.platform;
  const { secret, kind, options } = request;
  const url = baseAddress(request.address);
  const verifyTls = !options.insecure;
  const target = { url, verifyTls, web, signal: parts.signal };
  const node = (token: string): WrittenUplink => ({
    protocol: "komari",
    url,
    token,
    ...(verifyTls ? {} : { verifyTls }),
  });
  const known = parts.config.agent.uplinks.find((uplink) => serverOf(uplink) === url);
  if (kind === "komari-key" && known?.protocol === "komari" && known.token !== "") {
    // Registering again would make a second node.
    if (!options["no-check"]) await checkKomari(target, known.token);
    return { uplink: node(known.token), page: `${url}/` };
  }
  if (kind === "komari-key") {
    const { token, uuid } = await registerKomari(target, secret, host.hostName());
    return { uplink: node(token), page: `${url}/instance/${uuid}` };
  }
  if (!options["no-check"]) await checkKomari(target, secret);
  return { uplink: node(secret), page: `${url}/` };
}

/** A protocol is loaded when it is used. */
async function pairWith(request: PairRequest, parts: AgentPairParts): Promise<Paired> {
  if (request.kind.startsWith("komari")) return pairKomari(request, parts);
  const { pairNezha } = await import("./pair-nezha.ts");
  return pairNezha(request, parts);
}

async function write(parts: AgentPairParts, text: string): Promise<void> {
  await demandUsable(parts, text);
  await parts.platform.files.writeAtomic(parts.configFile, text);
}

async function demandUsable(parts: AgentPairParts, text: string): Promise<void> {
  const problem = await parts.checkText(text);
  if (problem !== "") throw new ValidationError(`Nothing was written. ${problem}`);
}

/** Stands where the uplink will. */
const ANY_UPLINK: WrittenUplink = {
  protocol: "komari",
  url: "https://server.invalid",
  token: "token",
};

/**
 * Pairs once it is known that the file can be changed: a server would keep a node that this machine never reports for.
 * The file is written as it is, because only that shows whether it can be; after a failure nothing stays that was not
 * there.
 */
async function pairSafely(request: PairRequest, parts: AgentPairParts): Promise<Paired> {
  const { config, configFile } = parts;
  const { files } = parts.platform;
  const folder = dirname(configFile);
  const hadFolder = files.fingerprint(folder) !== undefined;
  const before = await files.read(configFile);
  await demandUsable(parts, withUplink(before ?? "", ANY_UPLINK, config.roles));
  try {
    await files.writeAtomic(configFile, before ?? "");
    const paired = await pairWith(request, parts);
    // The server took its time: somebody may have changed the file.
    const present = (await files.read(configFile)) ?? "";
    await write(parts, withUplink(present, paired.uplink, config.roles));
    return paired;
  } catch (error) {
    // The failure itself is the news, not that cleaning up fails as well.
    if (before === undefined) await files.remove(configFile).catch(() => undefined);
    if (!hadFolder) await files.removeFolder(folder);
    throw error;
  }
}

function mustBeChangeable({ isListFixed }: AgentPairParts): void {
  if (!isListFixed) return;
  throw new ValidationError(
    "agent.uplinks is set by an environment variable or on the command line, which beats the file; change it there",
  );
}

async function add(words: readonly string[], parts: AgentPairParts, out: CliOutput): Promise<void> {
  const request = await requestOf(words, parts);
  mustBeChangeable(parts);
  const { uplink, page } = await pairSafely(request, parts);
  const { configFile } = parts;
  out.stdout(`Paired with ${serverOf(uplink)} (${uplink.protocol}), written to ${configFile}`);
  if (page !== "") out.stdout(`This machine is shown at ${page}`);
  out.stdout("The daemon takes it over when it is restarted: systemctl restart farhand");
}

async function remove(address: string, parts: AgentPairParts, out: CliOutput): Promise<boolean> {
  mustBeChangeable(parts);
  const { config, configFile, platform } = parts;
  const text = (await platform.files.read(configFile)) ?? "";
  const bare = address.replace(/\/+$/, "");
  const names = [bare, ...urlOf(address), `http://${bare}`];
  const server = names.find((name) => withoutUplink(text, name) !== undefined);
  const changed = server === undefined ? undefined : withoutUplink(text, server);
  if (server === undefined || changed === undefined) {
    out.stderr(`There is no uplink to ${address} in ${configFile}; see farhand pair --list`);
    return false;
  }
  await write(parts, changed);
  await platform.files.remove(identityFile(config.dataDir, server));
  out.stdout(`Removed ${server}; the daemon lets go of it when it is restarted`);
  return true;
}

function urlOf(address: string): readonly string[] {
  try {
    return [baseAddress(address)];
  } catch {
    return [];
  }
}

function describeUplink(uplink: UplinkConfig): string {
  const server = serverOf(uplink);
  if (uplink.protocol === "komari") return `komari\t${server}`;
  const identity = uplink.uuid === "" ? "" : `\t${uplink.uuid}`;
  return `nezha\t${server}${uplink.tls ? "\ttls" : ""}${identity}`;
}

async function run(
  words: readonly string[],
  parts: AgentPairParts,
  out: CliOutput,
): Promise<number> {
  const parsed = parsePairWords(words);
  const { list, remove: address } = parsed.values;
  if (list) {
    demandOnly("list", parsed);
    const { uplinks } = parts.config.agent;
    if (uplinks.length === 0) out.stderr("No uplinks are configured");
    for (const uplink of uplinks) out.stdout(describeUplink(uplink));
    return EXIT_OK;
  }
  if (address !== undefined) {
    demandOnly("remove", parsed);
    return (await remove(address, parts, out)) ? EXIT_OK : EXIT_FAILURE;
  }
  await add(words, parts, out);
  return EXIT_OK;
}

/** Whether the server's certificate was the reason. */
const isAboutCertificate = (error: AppError): boolean =>
  [error, error.cause].some((one) => one instanceof CertificateError);

/** What to do about it. */
function adviceFor(error: AppError): string {
  return isAboutCertificate(error)
    ? "\nWith --insecure any certificate is accepted: what is sent is encrypted, but a machine that poses as the server is not noticed."
    : "";
}

/** Runs the command; the result is the exit code. */
export async function pairAgentCommand(
  words: readonly string[],
  parts: AgentPairParts,
  out: CliOutput,
): Promise<number> {
  try {
    return await run(words, parts, out);
  } catch (error) {
    if (error instanceof PairUsageError) {
      out.stderr(error.message === "" ? USAGE.pair : `${error.message}\n${USAGE.pair}`);
      return EXIT_USAGE;
    }
    if (!(error instanceof AppError)) throw error;
    parts.onRefusal?.(isAboutCertificate(error) ? CertificateError.code : error.code);
    if (!(error instanceof CancelledError)) out.stderr(error.message + adviceFor(error));
    return EXIT_FAILURE;
  }
}
