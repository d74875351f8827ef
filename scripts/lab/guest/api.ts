// The daemon's HTTP server, as a client on the network sees it.
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { connectWs } from "../../../test/support/ws-client.ts";
import type { WsClient } from "../../../test/support/ws-client.ts";
import config from "../machine/config.json" with { type: "json" };
import { readAll, send } from "./http.ts";

const BASE = "https://127.0.0.1:8443";
export const OWNER = {
  "X-KVMD-User": "admin",
  "X-KVMD-Passwd": config.auth.initialPassword,
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

export interface CallOptions {
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request, with the owner's credentials unless `headers` are given. */
export async function call(
  method: string,
  path: string,
  { body, headers = OWNER }: CallOptions = {},
): Promise<Answer> {
  const signal = AbortSignal.timeout(40_000);
  const given = body === undefined ? {} : { body };
  const answer = await send(`${BASE}${path}`, { method, headers, signal, ...given });
  const bytes = await readAll(answer);
  const { statusCode: status = 0 } = answer;
  return { status, headers: answer.headers, bytes, text: bytes.toString() };
}

/** A POST that must be accepted. */
export async function post(path: string, body?: Uint8Array | string): Promise<void> {
  const { status, text } = await call("POST", path, body === undefined ? {} : { body });
  if (status !== 200) throw new Error(`POST ${path} was answered with ${status}: ${text}`);
}

/** The result inside PiKVM's envelope. */
export async function get<T>(path: string): Promise<T> {
  const { status, text } = await call("GET", path);
  if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${text}`);
  const { result }: { result: T } = JSON.parse(text);
  return result;
}

export function openWs(path = "/api/ws?stream=0"): Promise<WsClient> {
  return connectWs(BASE, path, OWNER);
}

/** A response without end, such as a log that is followed. */
export async function openStream(path: string): Promise<IncomingMessage> {
  const answer = await send(`${BASE}${path}`, { headers: OWNER });
  const { statusCode } = answer;
  if (statusCode !== 200) throw new Error(`GET ${path} was answered with ${statusCode}`);
  return answer;
}

/** Reads until the text fits, then hangs up. */
export async function readUntil(answer: IncomingMessage, fits: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    text += chunk;
    if (fits.test(text)) return text;
  }
  throw new Error(`The answer ended without ${fits}: ${text.slice(-500)}`);
}
