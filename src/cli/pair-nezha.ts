import { randomUUID } from "node:crypto";
import { parseNezhaServer } from "../agent/nezha/nezha-uplink.ts";
import type { NezhaServer } from "../agent/nezha/nezha-uplink.ts";
import { checkNezha, NezhaPairingError, registerNezha } from "../agent/nezha/pair.ts";
import type { UplinkConfig } from "../config/schema.ts";
import { serverOf } from "../config/uplink-file.ts";
import { AppError, ValidationError } from "../core/errors.ts";
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

/** A dashboard that is there refuses a secret that nobody has. */
function unlessRefused(error: unknown): void {
  const cause = error instanceof NezhaPairingError ? error.cause : undefined;
  if (!(cause instanceof AppError && cause.kind === "unauthenticated")) throw error;
}

function tellWhatStays(name: string) {
  return (error: unknown): never => {
    if (!(error instanceof AppError)) throw error;
    const text = `${error.message}\nThe server '${name}' was made on the dashboard and is still there: remove it there before trying again.`;
    throw new NezhaPairingError(text, { cause: error.cause });
  };
}

/** Whether agents can connect with this secret; rejects when not. */
type Check = (secret: string) => Promise<unknown>;

/**
 * Makes the server on the dashboard; its secret. A panel token cannot take it back, so what could fail is tried before:
 * whether agents reach the dashboard.
 */
async function makeServer(
  { address, secret: token, options }: PairRequest,
  { platform }: AgentPairParts,
  check: Check,
): Promise<string> {
  const name = options.name ?? platform.host.hostName();
  await check(randomUUID()).catch(unlessRefused);
  const secret = await registerNezha({
    web: platform.web,
    url: baseAddress(address),
    token,
    registration: { name, tag: "", note: "", hideForGuest: false },
    verifyTls: !options.insecure,
  });
  await check(secret).catch(tellWhatStays(name));
  return secret;
}

/** Checks the connection to a dashboard, and makes the server on it when a panel token is given. */
export async function pairNezha(request: PairRequest, parts: AgentPairParts): Promise<Paired> {
  const { options, kind, address } = request;
  const { signal, platform } = parts;
  const { grpc: dialer, clock } = platform;
  const generation = kind === "nezha-token" ? "v0" : "auto";
  const verifyTls = !options.insecure;
  const endpoint = endpointFor(request);
  const server = targetOf(endpoint, verifyTls);
  const { uplinks } = parts.config.agent;
  const uuid = (options.uuid ?? knownUuid(uplinks, endpoint.server) ?? randomUUID()).toLowerCase();
  if (!UUID.test(uuid)) throw new ValidationError(`'${uuid}' is not a UUID`);
  const check: Check = async (secret) => {
    if (options["no-check"]) return;
    const credentials = { secret, uuid };
    await checkNezha({ server, credentials, generation, dialer, clock, signal });
  };
  if (kind === "nezha-secret") await check(request.secret);
  const secret = kind === "nezha-secret" ? request.secret : await makeServer(request, parts, check);
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
