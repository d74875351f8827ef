import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { boundaryOf, MultipartParser } from "../../protocol/ustreamer/multipart-parser.ts";
import type { PartListener } from "../../protocol/ustreamer/multipart-parser.ts";
import { VideoUnavailableError } from "../video/port.ts";

/** Silence after which a connection counts as dead; the stream has a picture at least each second. */
const SILENCE_MS = 10_000;
const MAX_REPLY_BYTES = 16 * 1024 * 1024;

export interface UstreamerReply {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

interface Call {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

/** What goes wrong on the socket of a program that comes and goes is all the same to callers. */
function unavailable(cause: unknown): VideoUnavailableError {
  return new VideoUnavailableError("The capture program does not answer", { cause });
}

function open(socketPath: string, call: Call): Promise<IncomingMessage> {
  const { path, signal, silenceMs } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, signal, agent: false }, (response) => {
      if (response.statusCode === 200) {
        resolve(response);
        return;
      }
      response.destroy();
      reject(new VideoUnavailableError(`The capture program answers ${response.statusCode ?? 0}`));
    });
    outgoing.setTimeout(silenceMs, () => {
      outgoing.destroy(new VideoUnavailableError("The capture program is silent"));
    });
    outgoing.once("error", (error) => {
      reject(unavailable(error));
    });
    outgoing.end();
  });
}

/** Asks for something small or one picture. Rejects with `VideoUnavailableError`, also when aborted. */
export async function fetchOnce(
  socketPath: string,
  path: string,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<UstreamerReply> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const response = await open(socketPath, { path, signal, silenceMs: options.timeoutMs });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      length += bytes.length;
      if (length > MAX_REPLY_BYTES) throw new RangeError("too long");
      chunks.push(bytes);
    }
  } catch (cause) {
    throw unavailable(cause);
  }
  return { headers: response.headers, body: Buffer.concat(chunks, length) };
}

/** Reads the picture stream until it ends or is aborted; always rejects with `VideoUnavailableError` in the end. */
export async function readStream(
  socketPath: string,
  signal: AbortSignal,
  onPart: PartListener,
): Promise<never> {
  const path = "/stream?extra_headers=1";
  const response = await open(socketPath, { path, signal, silenceMs: SILENCE_MS });
  const boundary = boundaryOf(response.headers["content-type"]);
  if (boundary === undefined) {
    response.destroy();
    throw new VideoUnavailableError("The capture program sends no picture stream");
  }
  const parser = new MultipartParser(boundary, onPart);
  const end = await new Promise<unknown>((resolve) => {
    response.on("data", (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        response.destroy();
        resolve(error);
      }
    });
    response.once("error", resolve);
    response.once("close", resolve);
  });
  throw unavailable(end);
}
