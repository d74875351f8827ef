import { request as plainRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { connect, isIPv6 } from "node:net";
import type { LookupFunction } from "node:net";
import { TLSSocket } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import { connectionError } from "../web/network-error.ts";
import { withDeadline } from "./deadline.ts";
import type { ProbeLimits, WebTarget, WebTiming } from "./port.ts";

/** Time until the connection stands. */
export function connectTime(
  clock: Clock,
  target: { readonly address: string; readonly port: number },
  limits: ProbeLimits,
): Promise<number> {
  const { address, port } = target;
  const name = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  return withDeadline<number>(clock, limits, name, ({ resolve, reject }) => {
    const startedAt = clock.monotonic();
    const socket = connect({ host: address, port });
    socket.once("connect", () => {
      resolve(clock.monotonic() - startedAt);
    });
    socket.on("error", (error) => {
      reject(connectionError(error, name, clock.now()));
    });
    return () => {
      socket.destroy();
    };
  });
}

/** What is read of a body at most: a probe is no download. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

function certificateOf({ socket }: IncomingMessage): WebTiming["certificate"] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate: object = socket.getPeerCertificate();
  // An empty object stands for none.
  if (!("issuer" in certificate && "valid_to" in certificate)) return undefined;
  const { issuer, valid_to: notAfter } = certificate;
  const name: unknown = Reflect.get(Object(issuer), "CN");
  const time = Date.parse(String(notAfter));
  return Number.isNaN(time) ? undefined : { issuer: String(name), notAfter: time };
}

function afterBody(message: IncomingMessage, done: () => void): void {
  let length = 0;
  message.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) done();
  });
  message.once("end", done);
}

function lookupOf(address: string): LookupFunction {
  const family = isIPv6(address) ? 6 : 4;
  return (_name, options, found) => {
    if (options.all === true) found(null, [{ address, family }]);
    else found(null, address, family);
  };
}

/** Time until the answer's head, or until its body's end. */
export function getTime(clock: Clock, target: WebTarget, limits: ProbeLimits): Promise<WebTiming> {
  const url = new URL(target.url);
  return withDeadline<WebTiming>(clock, limits, url.host, ({ resolve, reject }) => {
    const startedAt = clock.monotonic();
    const settings = {
      method: "GET",
      agent: false,
      headers: { "User-Agent": "farhand-probe", Connection: "close" },
      // The name stays for the Host header and the certificate; the address was found before.
      lookup: lookupOf(target.address),
    };
    const request =
      url.protocol === "https:"
        ? tlsRequest(url, { ...settings, rejectUnauthorized: false })
        : plainRequest(url, settings);
    const fail = (error: unknown): void => {
      reject(connectionError(error, url.host, clock.now()));
    };
    request.on("error", fail);
    request.once("response", (message) => {
      message.on("error", fail);
      const certificate = certificateOf(message);
      const status = message.statusCode ?? 0;
      const done = (): void => {
        resolve({ elapsedMs: clock.monotonic() - startedAt, status, certificate });
      };
      if (target.readsBody === true) afterBody(message, done);
      else done();
    });
    request.end();
    return () => {
      request.destroy();
    };
  });
}
