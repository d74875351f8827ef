// The daemon's HTTP server, as a client on the network sees it. Its certificate is its own, see lab-agent.
import { connectWs } from "../../../test/support/ws-client.ts";
import type { WsClient } from "../../../test/support/ws-client.ts";
import config from "../machine/config.json" with { type: "json" };

const BASE = "https://127.0.0.1:8443";
export const OWNER = {
  "X-KVMD-User": "admin",
  "X-KVMD-Passwd": config.auth.initialPassword,
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
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
  const response = await fetch(`${BASE}${path}`, {
    method,
    headers,
    signal: AbortSignal.timeout(40_000),
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : Buffer.from(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: bytes.toString() };
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
export async function openStream(path: string): Promise<ReadableStream<Uint8Array>> {
  const { body, status } = await fetch(`${BASE}${path}`, { headers: OWNER });
  if (status !== 200 || body === null) throw new Error(`GET ${path} was answered with ${status}`);
  return body;
}

/** Reads until the text fits, then hangs up. */
export async function readUntil(stream: ReadableStream<Uint8Array>, fits: RegExp): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!fits.test(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The answer ended without ${fits}: ${text.slice(-500)}`);
      text += decoder.decode(value, { stream: true });
    }
    return text;
  } finally {
    await reader.cancel();
  }
}
