import { request as plainRequest } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { connectionError } from "../web/network-error.ts";
import { NetworkError } from "../web/port.ts";
import { allowedAddresses } from "./allowed-addresses.ts";
import type { FoundAddress, LookupAll } from "./allowed-addresses.ts";
import { Limits } from "./limits.ts";
import type { OutboundReply, OutboundRequest } from "./port.ts";

const MOST_BYTES = 16 * 1024;
const MOST_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The method and the body go along. */
const FAITHFUL: ReadonlySet<number> = new Set([307, 308]);

export interface OutboundParts {
  readonly clock: Clock;
  readonly find: LookupAll;
}

/** Answers the connection's question with what was checked, so that nobody can change the name's meaning meanwhile. */
export function pinned(addresses: readonly FoundAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family ?? 4);
  };
}

function readStart(message: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (): void => {
      resolve(Buffer.concat(chunks).toString("utf8", 0, Math.min(length, MOST_BYTES)));
    };
    message.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < MOST_BYTES) return;
      finish();
      message.destroy();
    });
    message.once("end", finish);
    message.once("error", reject);
  });
}

interface Hop {
  readonly url: URL;
  readonly method: OutboundRequest["method"];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Answer extends OutboundReply {
  readonly location: string | undefined;
}

function open({ url, method, headers, body }: Hop, addresses: readonly FoundAddress[]) {
  const length: Record<string, string> =
    body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const settings: RequestOptions = {
    method,
    // Never a kept connection: it could lead to another address than the one checked.
    agent: false,
    lookup: pinned(addresses),
    headers: { "User-Agent": "farhand", "Accept-Encoding": "identity", ...headers, ...length },
  };
  return url.protocol === "https:" ? tlsRequest(url, settings) : plainRequest(url, settings);
}

function exchange(outgoing: ClientRequest, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("response", (message) => {
      const status = message.statusCode ?? 0;
      const { location } = message.headers;
      readStart(message).then((text) => {
        resolve({ status, body: text, location });
      }, reject);
    });
    outgoing.end(body);
  });
}

/** The next address on the way; a server elsewhere is told nothing that was meant for this one. */
function follow(hop: Hop, { status, location }: Answer): Hop {
  if (location === undefined || !URL.canParse(location, hop.url.href)) {
    throw new NetworkError(`${hop.url.host} leads on, but not to any address`);
  }
  const url = new URL(location, hop.url);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new NetworkError(`${hop.url.host} leads to ${url.protocol}, which is no web address`);
  }
  if (hop.url.protocol === "https:" && url.protocol === "http:") {
    throw new NetworkError(`${hop.url.host} leads to an address without encryption`);
  }
  const headers = url.origin === hop.url.origin ? hop.headers : {};
  if (FAITHFUL.has(status)) {
    if (url.origin !== hop.url.origin && hop.body !== undefined) {
      throw new NetworkError(`${hop.url.host} leads the message to another server, ${url.host}`);
    }
    return { ...hop, url, headers };
  }
  return { url, method: "GET", headers, body: undefined };
}

async function walk(
  first: Hop,
  { allow }: OutboundRequest,
  limits: Limits,
  { clock, find }: OutboundParts,
): Promise<OutboundReply> {
  let hop = first;
  for (let redirects = 0; ; redirects += 1) {
    const { url, body } = hop;
    let outgoing: ClientRequest | undefined;
    try {
      const addresses = await limits.race(allowedAddresses(url.hostname, allow, find));
      outgoing = open(hop, addresses);
      const answer = await limits.race(exchange(outgoing, body));
      if (!REDIRECTS.has(answer.status)) return { status: answer.status, body: answer.body };
      if (redirects >= MOST_REDIRECTS) throw new NetworkError(`${url.host} leads in circles`);
      hop = follow(hop, answer);
    } catch (error) {
      throw connectionError(limits.stopped ?? error, url.host, clock.now());
    } finally {
      // An error may follow when it is cut.
      outgoing?.on("error", () => undefined);
      outgoing?.destroy();
    }
  }
}

/** See `Outbound.request`. */
export async function sendOutbound(
  request: OutboundRequest,
  parts: OutboundParts,
): Promise<OutboundReply> {
  const { method, headers = {}, body } = request;
  const url = new URL(request.url);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new NetworkError("The address begins neither with http:// nor with https://");
  }
  const limits = new Limits(url.host, request, parts.clock);
  try {
    return await walk({ url, method, headers, body }, request, limits, parts);
  } finally {
    limits.close();
  }
}
