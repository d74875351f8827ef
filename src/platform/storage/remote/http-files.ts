import { request as plainRequest } from "node:http";
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { LookupFunction } from "node:net";
import type { Clock } from "../../../core/clock.ts";
import { AppError, CancelledError, describeError } from "../../../core/errors.ts";
import { checkedAddresses, INTERNET } from "./checked-lookup.ts";
import type { AddressPolicy, FoundAddress } from "./checked-lookup.ts";
import { RemoteConnectError, RemoteFileError, RemoteResponseError } from "./port.ts";
import type { RemoteFile, RemoteFiles, RemoteOptions } from "./port.ts";
import { nameOfFile } from "./file-name.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface HttpFilesOptions {
  readonly clock: Clock;
  /** How names are found and which addresses may be called; a seam for tests. */
  readonly policy?: Partial<AddressPolicy>;
}

/** Answers the connection's question with what was checked, so that nobody can change the name's meaning meanwhile. */
function pinned(addresses: readonly FoundAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family ?? 4);
  };
}

/** The two overloads of `request` that are alike for both protocols, as one. */
type Send = (url: URL, options: RequestOptions) => ClientRequest;

async function senderFor(url: URL): Promise<Send> {
  if (url.protocol === "http:") return (at, options) => plainRequest(at, options);
  if (url.protocol === "https:") {
    const { request } = await import("node:https");
    return (at, options) => request(at, options);
  }
  throw new RemoteResponseError(
    `The server leads to ${url.protocol}, which is neither http nor https`,
  );
}

/** A name server may be silent for long. */
function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(timeoutMs, () => {
      reject(new RemoteConnectError(`The host was not found within ${timeoutMs} ms`));
    });
    work.then(resolve, reject).finally(cancel);
  });
}

/** One request; resolves with the head of the answer. */
async function ask(
  url: URL,
  options: RemoteOptions,
  parts: HttpFilesOptions,
): Promise<IncomingMessage> {
  const send = await senderFor(url);
  const { clock, policy } = parts;
  const addresses = await within(
    clock,
    options.timeoutMs,
    checkedAddresses(url.hostname, options.allowPrivate, { ...INTERNET, ...policy }),
  );
  const settings: RequestOptions & { rejectUnauthorized: boolean } = {
    // Never a kept connection: it could lead to another address than the one checked.
    agent: false,
    lookup: pinned(addresses),
    rejectUnauthorized: !options.insecure,
    signal: options.signal,
    headers: { "Accept-Encoding": "identity", "User-Agent": "farhand" },
  };
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = send(url, settings);
    const cancelLimit = clock.setTimer(options.timeoutMs, () => {
      outgoing.destroy(new Error(`no answer within ${options.timeoutMs} ms`));
    });
    outgoing.once("response", (response) => {
      cancelLimit();
      resolve(response);
    });
    outgoing.on("error", (error) => {
      cancelLimit();
      const reason = describeError(error);
      reject(new RemoteConnectError(`Cannot connect to ${url.host}: ${reason}`, { cause: error }));
    });
    outgoing.end();
  });
}

async function follow(
  start: string,
  options: RemoteOptions,
  parts: HttpFilesOptions,
): Promise<readonly [IncomingMessage, URL]> {
  let url = new URL(start);
  for (let hop = 0; hop <= options.maxRedirects; hop += 1) {
    const response = await ask(url, options, parts);
    const { statusCode = 0, headers } = response;
    if (!REDIRECTS.has(statusCode) || headers.location === undefined) return [response, url];
    response.destroy();
    if (!URL.canParse(headers.location, url.href)) {
      throw new RemoteResponseError(`${url.host} leads to an address that is none`);
    }
    url = new URL(headers.location, url);
  }
  throw new RemoteResponseError(`More than ${options.maxRedirects} redirects`);
}

function sizeOf({ statusCode, statusMessage, headers }: IncomingMessage, url: URL): number {
  if (statusCode !== 200) {
    throw new RemoteResponseError(`${statusCode}, message='${statusMessage}', url='${url.href}'`);
  }
  const size = Number(headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(size)) throw new RemoteFileError("No Content-Length found");
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw new RemoteFileError(`The file comes encoded as ${encoding}`);
  return size;
}

/** The body; a silence longer than the limit ends it. */
async function* bodyOf(
  response: IncomingMessage,
  sizeBytes: number,
  clock: Clock,
  timeoutMs: number,
): AsyncGenerator<Uint8Array, void> {
  let received = 0;
  const arm = (): (() => void) =>
    clock.setTimer(timeoutMs, () => {
      response.destroy(new Error("the server fell silent"));
    });
  let disarm = arm();
  try {
    for await (const piece of response) {
      const chunk: unknown = piece;
      if (!(chunk instanceof Uint8Array)) continue;
      // Only the server's silence counts, not the time that the disk takes.
      disarm();
      received += chunk.length;
      yield chunk;
      disarm = arm();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new RemoteFileError(`The file broke off: ${describeError(error)}`, { cause: error });
  } finally {
    disarm();
  }
  if (received !== sizeBytes) throw new RemoteFileError("The file broke off");
}

/** Files by HTTP and HTTPS. */
export function createHttpFiles(parts: HttpFilesOptions): RemoteFiles {
  return {
    async open(start, options): Promise<RemoteFile> {
      try {
        const [response, url] = await follow(start, options, parts);
        // Its failures are told to whoever reads it.
        response.on("error", () => undefined);
        try {
          const sizeBytes = sizeOf(response, url);
          return {
            name: nameOfFile(response.headers["content-disposition"], url),
            sizeBytes,
            chunks: () => bodyOf(response, sizeBytes, parts.clock, options.timeoutMs),
            close: () => {
              response.destroy();
            },
          };
        } catch (error) {
          response.destroy();
          throw error;
        }
      } catch (error) {
        if (options.signal.aborted) throw new CancelledError(undefined, { cause: error });
        throw error;
      }
    },
  };
}
