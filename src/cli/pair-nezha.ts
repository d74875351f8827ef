import { randomUUID } from "node:crypto";
import { parseNezhaServer } from "../agent/nezha/nezha-uplink.ts";
import type { NezhaServer } from "../agent/nezha/nezha-uplink.ts";
import { checkNezha, NezhaPairingError, registerNezha } from "../agent/nezha/pair.ts";
import type { UplinkConfig } from "../config/schema.ts";
import { serverOf } from "../config/uplink-file.ts";
import { ValidationError } from "../core/errors.ts";
import { baseAddress } from "./pair-request.ts";
import type { AgentPairParts, Paired, PairRequest } from "./pair-request.ts";

/** Where dashboards of v0 listen for agents unless told otherwise (Nezha facts 1.4). */
const V0_PORT = 5555;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Endpoint {
  /** `host:port`. */
  readonly server: string;
  readonly tls: boolean;
}

/** A URL says whether it is TLS; a bare `host:port` is taken at its word. */
function endpointOf(address: string, tls: boolean): Endpoint {
  if (!/^https?:\/\//i.test(address)) return { server: address, tls };
  const { protocol, hostname, port } = new URL(baseAddress(address));
  const isTls = protocol === "https:";
  return { server: `${hostname}:${port || (isTls ? "443" : "80")}`, tls: isTls };
}

function targetOf({ server, tls }: Endpoint, verifyTls: boolean): NezhaServer {
  const address = parseNezhaServer(server);
  if (address === undefined) {
    throw new ValidationError(`'${server}' is neither a URL nor HOST:PORT`);
  }
  const secured = verifyTls ? "verified" : "unverified";
  return { ...address, tls: tls ? secured : "off" };
}

function knownUuid(uplinks: readonly UplinkConfig[], server: string): string | undefined {
  const known = uplinks.find((uplink) => serverOf(uplink) === server);
  return known?.protocol === "nezha" && known.uuid !== "" ? known.uuid : undefined;
}

function endpointFor({ address, kind, options }: PairRequest): Endpoint {
  if (kind === "nezha-secret") return endpointOf(address, options.tls);
  const { hostname } = new URL(baseAddress(address));
  const server = options["agent-server"] ?? `${hostname}:${V0_PORT}`;
  return { server, tls: options.tls };
}

const nameFor = ({ options }: PairRequest, { host }: AgentPairParts["platform"]): string =>
  options.name ?? host.hostName();

async function secretFor(
  request: PairRequest,
  { platform }: AgentPairParts,
  signal: AbortSignal,
): Promise<string> {
  const { kind, address, secret, options } = request;
  if (kind === "nezha-secret") return secret;
  return registerNezha({
    web: platform.web,
    url: baseAddress(address),
    token: secret,
    registration: {
      name: nameFor(request, platform),
      tag: "",
      note: "",
      hideForGuest: false,
    },
    verifyTls: !options.insecure,
    signal,
  });
}

/** Dashboards have no way for a panel token to take a server back. */
function tellWhatStays(name: string) {
  return (error: unknown): never => {
    if (!(error instanceof NezhaPairingError)) throw error;
    const text = `${error.message}\nThe server '${name}' was made on the dashboard and is still there: remove it there before trying again.`;
    throw new NezhaPairingError(text, { cause: error.cause });
  };
}

/** Checks the connection to a dashboard, and makes the server on it when a panel token is given. */
export async function pairNezha(request: PairRequest, parts: AgentPairParts): Promise<Paired> {
  const { options, kind, address } = request;
  const { grpc: dialer, clock } = parts.platform;
  const verifyTls = !options.insecure;
  const endpoint = endpointFor(request);
  const server = targetOf(endpoint, verifyTls);
  const { uplinks } = parts.config.agent;
  const uuid = (options.uuid ?? knownUuid(uplinks, endpoint.server) ?? randomUUID()).toLowerCase();
  if (!UUID.test(uuid)) throw new ValidationError(`'${uuid}' is not a UUID`);
  const { signal } = new AbortController();
  const secret = await secretFor(request, parts, signal);
  const credentials = { secret, uuid };
  if (!options["no-check"]) {
    const generation = kind === "nezha-token" ? "v0" : "auto";
    const check = checkNezha({ server, credentials, generation, dialer, clock, signal });
    await (kind === "nezha-token"
      ? check.catch(tellWhatStays(nameFor(request, parts.platform)))
      : check);
  }
  return {
    uplink: {
      protocol: "nezha",
      server: endpoint.server,
      secret,
      uuid,
      ...(endpoint.tls ? { tls: true } : {}),
      ...(verifyTls ? {} : { verifyTls }),
    },
    page: /^https?:\/\//i.test(address) ? `${baseAddress(address)}/` : "",
  };
}
