import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import type { RawData } from "ws";
import type { Clock } from "../../core/clock.ts";
import { CancelledError, ReplyTimeoutError } from "../../core/errors.ts";
import { connectionError } from "./network-error.ts";
import { SocketRefusedError } from "./port.ts";
import type { ClientSocket, SocketOptions } from "./port.ts";

const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;
/** What a peer that stopped reading may pile up here. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const CLOSE_GRACE_MS = 2000;
const MAX_REFUSAL_BYTES = 1024;
const NORMAL_CLOSURE = 1000;
const NO_STATUS = 1005;
const ABNORMAL_CLOSURE = 1006;

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function closeText(code: number, reason: string): string {
  if (code === ABNORMAL_CLOSURE) return "the connection broke off";
  if (code === NO_STATUS || reason === "") return `the server closed the connection (${code})`;
  return `the server closed the connection: ${reason} (${code})`;
}

class OpenSocket implements ClientSocket {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #closeListeners = new Set<{ notify: (reason: string) => void }>();
  #closeReason: string | undefined;
  #failure: string | undefined;

  constructor(socket: WebSocket, clock: Clock, server: string) {
    this.#socket = socket;
    this.#clock = clock;
    // What comes together with the handshake waits for the first listener.
    socket.pause();
    socket.on("error", (error) => {
      this.#failure = connectionError(error, server, clock.now()).message;
    });
    socket.once("close", (code, reason) => {
      this.#closeReason = this.#failure ?? closeText(code, reason.toString("utf8"));
      for (const listener of this.#closeListeners) listener.notify(this.#closeReason);
      this.#closeListeners.clear();
    });
  }

  onMessage(listener: (message: string | Uint8Array) => void): () => void {
    const receive = (data: RawData, isBinary: boolean): void => {
      const bytes = bytesOf(data);
      listener(isBinary ? bytes : Buffer.from(bytes).toString("utf8"));
    };
    this.#socket.on("message", receive);
    this.#socket.resume();
    return () => {
      this.#socket.off("message", receive);
    };
  }

  onClose(notify: (reason: string) => void): () => void {
    if (this.#closeReason !== undefined) {
      notify(this.#closeReason);
      return () => undefined;
    }
    const entry = { notify };
    this.#closeListeners.add(entry);
    return () => {
      this.#closeListeners.delete(entry);
    };
  }

  onPong(listener: () => void): () => void {
    this.#socket.on("pong", listener);
    return () => {
      this.#socket.off("pong", listener);
    };
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: string | Uint8Array): boolean {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return false;
    socket.send(message);
    return true;
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(code = NORMAL_CLOSURE): void {
    const socket = this.#socket;
    if (socket.readyState === WebSocket.CLOSING || socket.readyState === WebSocket.CLOSED) return;
    const cancel = this.#clock.setTimer(CLOSE_GRACE_MS, () => {
      socket.terminate();
    });
    socket.once("close", cancel);
    socket.close(code);
  }
}

/** Reads the beginning of the answer that refuses the socket. */
function refusal(response: IncomingMessage): Promise<SocketRefusedError> {
  return new Promise((resolve) => {
    let body = "";
    const finish = (): void => {
      resolve(new SocketRefusedError(response.statusCode ?? 0, body.slice(0, MAX_REFUSAL_BYTES)));
      response.destroy();
    };
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      body += chunk;
      if (body.length >= MAX_REFUSAL_BYTES) finish();
    });
    response.once("end", finish);
    response.once("error", finish);
    response.once("close", finish);
  });
}

/** Opens a WebSocket; everything that is half-way is taken back when it fails. */
export function openSocket(clock: Clock, options: SocketOptions): Promise<ClientSocket> {
  const { url, headers = {}, verifyTls = true, timeoutMs, signal } = options;
  if (signal.aborted) return Promise.reject(new CancelledError());
  const server = new URL(url).host;
  const socket = new WebSocket(url, {
    headers,
    rejectUnauthorized: verifyTls,
    followRedirects: false,
    maxPayload: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    // Reports are small: compressing them would cost more memory and time than it saves.
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      cancelTimer();
      signal.removeEventListener("abort", onAbort);
      finish();
    };
    const fail = (error: unknown): void => {
      settle(() => {
        reject(connectionError(error, server, clock.now()));
      });
      // An error follows when the socket is cut before it is open.
      socket.on("error", () => undefined);
      socket.terminate();
    };
    const onAbort = (): void => {
      fail(new CancelledError());
    };
    const cancelTimer = clock.setTimer(timeoutMs, () => {
      fail(new ReplyTimeoutError(`${server} opened no WebSocket within ${timeoutMs} ms`));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", fail);
    socket.once("unexpected-response", (_request, response) => {
      void refusal(response).then(fail);
    });
    socket.once("open", () => {
      socket.off("error", fail);
      settle(() => {
        resolve(new OpenSocket(socket, clock, server));
      });
    });
  });
}
