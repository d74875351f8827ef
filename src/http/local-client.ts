import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { AppError, describeError, errnoOf } from "../core/errors.ts";

/** The running daemon cannot be asked; the message says what to do. */
export class DaemonUnreachableError extends AppError {
  static readonly code = "DAEMON_UNREACHABLE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", DaemonUnreachableError.code, message, options);
  }
}

/** The daemon refused; the message is its own. */
export class DaemonRefusedError extends AppError {
  static readonly code = "DAEMON_REFUSED";
  constructor(message: string, options?: ErrorOptions) {
    super("conflict", DaemonRefusedError.code, message, options);
  }
}

export interface LocalRequest {
  /** Of the socket: `doorPath`. */
  readonly socketPath: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const PATIENCE_MS = 60_000;

function explain(socketPath: string, error: unknown): DaemonUnreachableError {
  const errno = errnoOf(error);
  if (errno === "EACCES" || errno === "EPERM") {
    return new DaemonUnreachableError(
      `${socketPath} may not be opened: run this as the user of the daemon, or with sudo`,
      { cause: error },
    );
  }
  if (errno === "ENOENT" || errno === "ECONNREFUSED") {
    return new DaemonUnreachableError(`No daemon with the role hub listens on ${socketPath}`, {
      cause: error,
    });
  }
  return new DaemonUnreachableError(`${socketPath}: ${describeError(error)}`, { cause: error });
}

/** The answer of the daemon's own HTTP server, headers read, body not. Rejects with `DaemonUnreachableError`. */
export function askDaemon({
  socketPath,
  method,
  path,
  body,
}: LocalRequest): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    host: "localhost",
    ...(text === undefined ? {} : { "content-type": "application/json" }),
  };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers, timeout: PATIENCE_MS }, resolve);
    asked.once("error", (error) => {
      reject(explain(socketPath, error));
    });
    asked.once("timeout", () => {
      asked.destroy(new Error("no answer"));
    });
    asked.end(text);
  });
}

/** The text of an answer. Rejects with `DaemonRefusedError` when it is a refusal, `messageOf` finds the reason in it. */
export async function textOf(
  answer: IncomingMessage,
  messageOf: (body: string) => string,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) {
    if (chunk instanceof Uint8Array) chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return text;
  throw new DaemonRefusedError(messageOf(text));
}
