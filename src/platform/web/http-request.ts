import { request as plainRequest } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Clock } from "../../core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../core/errors.ts";
import { connectionError } from "./network-error.ts";
import type { WebRequest, WebResponse } from "./port.ts";

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/** The body up to a limit; what comes after it is not waited for. */
function readBody(message: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const finish = (): void => {
      resolve(Buffer.concat(chunks, Math.min(length, maxBytes)).toString("utf8"));
    };
    message.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= maxBytes) return;
      finish();
      message.destroy();
    });
    message.once("end", finish);
    message.once("error", reject);
    message.once("close", () => {
      if (!message.complete) reject(new Error("the answer broke off"));
    });
  });
}

function exchange(request: ClientRequest, options: WebRequest): Promise<WebResponse> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (message) => {
      readBody(message, options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES).then((body) => {
        resolve({ status: message.statusCode ?? 0, headers: headersOf(message), body });
      }, reject);
    });
    request.end(options.body);
  });
}

/** One request on a connection of its own. */
export async function sendRequest(clock: Clock, options: WebRequest): Promise<WebResponse> {
  const { url, method, headers = {}, verifyTls = true, timeoutMs, signal } = options;
  if (signal.aborted) throw new CancelledError();
  const target = new URL(url);
  const length = options.body === undefined ? {} : { "Content-Length": byteLength(options.body) };
  const settings = { method, headers: { ...headers, ...length }, agent: false } as const;
  const request =
    target.protocol === "https:"
      ? tlsRequest(target, { ...settings, rejectUnauthorized: verifyTls })
      : plainRequest(target, settings);
  let stopped: Error | undefined;
  const stop = (reason: Error): void => {
    stopped ??= reason;
    request.destroy(reason);
  };
  const onAbort = (): void => {
    stop(new CancelledError());
  };
  const cancelTimer = clock.setTimer(timeoutMs, () => {
    stop(new ReplyTimeoutError(`${target.host} did not answer within ${timeoutMs} ms`));
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await exchange(request, options);
  } catch (error) {
    throw connectionError(stopped ?? error, target.host, clock.now());
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", onAbort);
    request.destroy();
  }
}

function byteLength(body: string | Uint8Array): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}
