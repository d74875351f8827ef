// Requests by Node's own clients: `fetch` brings compiled WebAssembly along, whose start an emulated processor feels.
import { Agent as HttpAgent, request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

/** Connections are given up before the server does that, which takes five seconds: none ends under a request. */
const KEPT = { keepAlive: true, timeout: 3000 } as const;
const agents = {
  plain: new HttpAgent(KEPT),
  /** The daemon's certificate is its own. */
  secure: new HttpsAgent({ ...KEPT, rejectUnauthorized: false }),
};

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
}

/** One request; resolves when the head of the answer is there. */
export function send(url: string, { body, ...options }: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:")
      ? requestHttps(url, { ...options, agent: agents.secure }, resolve)
      : requestHttp(url, { ...options, agent: agents.plain }, resolve);
    request.once("error", reject);
    request.end(body);
  });
}

export async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the host answers, to JSON if there is any. */
export async function ask<T>(url: string, body?: object): Promise<T> {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer: T = JSON.parse((await readAll(await send(url, options))).toString());
  return answer;
}
