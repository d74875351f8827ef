import type { FastifyRequest } from "fastify";
import type { Config } from "../../config/schema.ts";
import { StorageError } from "../../core/errors.ts";
import { isSelfSigned } from "../../http/tls.ts";
import type { NodeRecord } from "../../hub/registry.ts";
import type { FileStore } from "../../platform/files/port.ts";
import type { InstallHint } from "../../protocol/fleet/nodes.ts";

export interface InstallHintOptions {
  readonly config: Pick<Config, "http" | "hub">;
  readonly files: Pick<FileStore, "read">;
  /** Under which other machines reach this one, where a request does not tell. */
  readonly hostName: string;
}

/** A server as agents see it. */
interface Reach {
  /** Without a certificate, with one that agents check, or with one that they refuse. */
  readonly tls: "off" | "checked" | "refused";
  /** `https://hub.example:8443`. */
  readonly base: string;
}

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** What agents make of the certificate of this process; `off` has one of our own for the agents' port. */
async function ownTls({ config, files }: InstallHintOptions): Promise<Reach["tls"]> {
  const { mode, cert } = config.http.tls;
  if (mode !== "files") return "refused";
  try {
    return isSelfSigned((await files.read(cert)) ?? "") ? "refused" : "checked";
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return "checked";
  }
}

/** Where the viewer sees this server; a name that could mean something to a shell is not repeated. */
function reachOf(
  request: FastifyRequest,
  { config, hostName }: InstallHintOptions,
  own: Reach["tls"],
): Reach {
  const { port, tls } = config.http;
  const isLocal = request.principal?.via === "local";
  const host = isLocal ? `${hostName}:${port}` : request.host;
  const scheme = isLocal ? (tls.mode === "off" ? "http" : "https") : request.protocol;
  const base = `${scheme}://${HOST.test(host) ? host : "hub.example"}`;
  if (scheme === "http") return { base, tls: "off" };
  // A proxy that is believed shows a certificate of its own.
  const isProxied = tls.mode === "off" || (request.ips?.length ?? 1) > 1;
  return { base, tls: isProxied ? "checked" : own };
}

type Words = Readonly<Record<Reach["tls"], string>>;
const FARHAND: Words = { off: "", checked: "", refused: " --insecure" };
const KOMARI: Words = { off: "", checked: "", refused: " --ignore-unsafe-cert" };
const NEZHA_V0: Words = { off: "", checked: " --tls", refused: " --tls --insecure" };
const NEZHA_V1: Words = {
  off: "NZ_TLS=false",
  checked: "NZ_TLS=true",
  refused: "NZ_TLS=true NZ_INSECURE_TLS=true",
};

function nezhaHints(server: string, tls: Reach["tls"], uuid: string, token: string): InstallHint[] {
  const agent = "nezha" as const;
  const acceptsAnyCertificate = tls === "refused";
  return [
    {
      agent,
      title: "nezha-agent 0.x",
      command: `nezha-agent -s ${server} -p ${token}${NEZHA_V0[tls]}`,
      acceptsAnyCertificate,
    },
    {
      agent,
      title: "nezha-agent 1.x, 2.x",
      command: `env NZ_SERVER=${server} ${NEZHA_V1[tls]} NZ_CLIENT_SECRET=${token} NZ_UUID=${uuid} nezha-agent`,
      acceptsAnyCertificate,
    },
  ];
}

/** What to type on the machine. Tokens are letters and digits, so nothing needs quoting. */
export async function installHints(
  request: FastifyRequest,
  { uuid }: NodeRecord,
  token: string,
  options: InstallHintOptions,
): Promise<InstallHint[]> {
  const own = await ownTls(options);
  const { base, tls } = reachOf(request, options, own);
  const acceptsAnyCertificate = tls === "refused";
  const hints: InstallHint[] = [
    {
      agent: "farhand",
      title: "Farhand",
      command: `farhand pair ${base} --komari-token ${token}${FARHAND[tls]}`,
      acceptsAnyCertificate,
    },
    {
      agent: "komari",
      title: "komari-agent",
      command: `komari-agent -e ${base} -t ${token}${KOMARI[tls]}`,
      acceptsAnyCertificate,
    },
  ];
  const { nezha } = options.config.hub;
  if (nezha.listen === "") return hints;
  const port = /:(\d+)$/.exec(nezha.listen)?.[1] ?? "5555";
  const server = `${new URL(base).hostname}:${port}`;
  return [...hints, ...nezhaHints(server, nezha.tls ? own : "off", uuid, token)];
}
