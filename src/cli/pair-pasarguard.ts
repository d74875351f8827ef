import { AppError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/log.ts";
import type { Config } from "../config/schema.ts";
import type { FileStore } from "../platform/files/port.ts";
import type { HostProbe } from "../platform/host/port.ts";
import { coversAddress, ensureProxyCredentials } from "../roles/proxy-credentials.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "./io.ts";
import type { CliOutput } from "./output.ts";
import { USAGE } from "./usage.ts";

export interface PairPasarguardParts {
  readonly config: Config;
  readonly files: FileStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: Pick<HostProbe, "hostName" | "addresses">;
}

interface Options {
  readonly address: string | undefined;
  readonly isJson: boolean;
}

/** Undefined for what cannot be understood. */
function readOptions(words: readonly string[]): Options | undefined {
  let address: string | undefined;
  let isJson = false;
  const rest = words.flatMap((word) =>
    word.startsWith("--address=") ? word.split(/=(.*)/, 2) : [word],
  );
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === "--json") isJson = true;
    else if (word === "--address") address = rest.shift();
    else return undefined;
    if (word === "--address" && (address === undefined || address === "")) return undefined;
  }
  return { address, isJson };
}

/** The address of this machine that a panel elsewhere is likeliest to reach: in the certificate, and IPv4 first. */
function ownAddress(host: PairPasarguardParts["host"], cert: string): string {
  const addresses = host
    .addresses()
    .toSorted((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
  const names = [...addresses, host.hostName()];
  return names.find((name) => coversAddress(cert, name)) ?? names[0] ?? "";
}

interface PanelForm {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly connectionType: "gRPC" | "REST";
  readonly apiKey: string;
  /** PEM. */
  readonly certificate: string;
}

function formText({ name, address, port, connectionType, apiKey, certificate }: PanelForm): string {
  return [
    "Enter in the panel, as a new node:",
    "",
    `  Name             ${name}`,
    `  Address          ${address}`,
    `  Port             ${port}`,
    `  Connection type  ${connectionType}`,
    `  API key          ${apiKey}`,
    "  Certificate      the following, with its first and last line",
    "",
    certificate.trimEnd(),
  ].join("\n");
}

async function showForm(options: Options, parts: PairPasarguardParts, out: CliOutput) {
  const { config, host } = parts;
  const { apiKey, tls, isRenewed } = await ensureProxyCredentials(parts, options.address);
  const address = options.address ?? ownAddress(host, tls.cert);
  const form: PanelForm = {
    name: host.hostName(),
    address,
    port: config.proxy.port,
    connectionType: config.proxy.protocol === "rest" ? "REST" : "gRPC",
    apiKey,
    certificate: tls.cert,
  };
  out.stdout(options.isJson ? JSON.stringify(form, undefined, 2) : formText(form));
  if (!config.roles.includes("proxy")) out.stderr("The role is off: add 'proxy' to 'roles'.");
  if (isRenewed) {
    out.stderr(
      "The certificate is a new one: the daemon shows it within a minute, no restart needed.",
    );
  }
  if (!coversAddress(tls.cert, address)) {
    out.stderr(
      `The certificate in proxy.tls.cert does not name ${address}: the panel will refuse it.`,
    );
  }
}

/** `farhand pair --pasarguard`; the result is the exit code. */
export async function pairPasarguardCommand(
  words: readonly string[],
  parts: PairPasarguardParts,
  out: CliOutput,
): Promise<number> {
  const options = readOptions(words);
  if (options === undefined) {
    out.stderr(USAGE["pair --pasarguard"]);
    return EXIT_USAGE;
  }
  try {
    await showForm(options, parts, out);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    out.stderr(error.message);
    return EXIT_FAILURE;
  }
}
