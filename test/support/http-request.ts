import { request as httpRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

export interface HttpReply {
  readonly status: number;
  /** Lower-case names; repeated headers joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface HttpOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function open(
  base: string,
  path: string,
  { method = "GET", headers = {} }: HttpOptions,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  // The path is passed on as it is: tests send paths that a URL parser would repair.
  const { protocol, hostname, port } = new URL(base);
  const options = { hostname: hostname.replace(/^\[|\]$/g, ""), port, path, method, headers };
  return protocol === "https:"
    ? httpsRequest({ ...options, rejectUnauthorized: false }, onResponse)
    : httpRequest(options, onResponse);
}

function flatten(response: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
}

/** One request on a connection of its own; the path goes out unchanged. */
export function httpCall(
  base: string,
  path: string,
  options: HttpOptions = {},
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const outgoing = open(base, path, options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("error", reject);
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: flatten(response), body });
      });
    });
    outgoing.once("error", reject);
    outgoing.end(options.body);
  });
}

/** A response that stays open. */
export interface HttpStream {
  readonly status: number;
  /** Resolves when the text received so far contains the words; rejects when the response ends without them. */
  until(words: string): Promise<string>;
  close(): void;
}

export function httpStream(
  base: string,
  path: string,
  options: HttpOptions = {},
): Promise<HttpStream> {
  return new Promise((resolve, reject) => {
    const outgoing = open(base, path, options, (response) => {
      resolve(createStream(response, outgoing));
    });
    outgoing.once("error", reject);
    outgoing.end(options.body);
  });
}

function createStream(response: IncomingMessage, outgoing: ClientRequest): HttpStream {
  let text = "";
  let isOver = false;
  const checks = new Set<() => void>();
  const runChecks = (): void => {
    for (const check of checks) check();
  };
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    text += chunk;
    runChecks();
  });
  response.on("error", () => undefined);
  response.once("close", () => {
    isOver = true;
    runChecks();
  });
  return {
    status: response.statusCode ?? 0,
    until: (words) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (text.includes(words)) resolve(text);
          else if (isOver) reject(new Error(`The response ended without ${words}: ${text}`));
          else return;
          checks.delete(check);
        };
        checks.add(check);
        check();
      }),
    close: () => {
      outgoing.destroy();
    },
  };
}
