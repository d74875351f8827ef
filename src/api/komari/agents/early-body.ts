/** Bodies that have to be read before it is known who sent them, because the token is inside. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Clock } from "../../../core/clock.ts";

/** Strangers get no more. */
const MOST_BYTES = 64 * 1024;
const DEADLINE_MS = 10_000;

const kept = new WeakMap<IncomingMessage, Buffer>();

/** The body as it came; undefined when there is none, or it is too large, too slow or compressed. */
export function readEarly({ raw }: FastifyRequest, clock: Clock): Promise<Buffer | undefined> {
  const { "content-length": length, "content-encoding": encoding } = raw.headers;
  if (encoding !== undefined || !(Number(length) > 0) || Number(length) > MOST_BYTES) {
    return Promise.resolve(undefined);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (body: Buffer | undefined): void => {
      cancel();
      raw.off("data", onData).off("end", onEnd).off("close", onGone);
      resolve(body);
    };
    const onGone = (): void => {
      finish(undefined);
    };
    const onEnd = (): void => {
      finish(Buffer.concat(chunks));
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > MOST_BYTES) finish(undefined);
      else chunks.push(chunk);
    };
    const cancel = clock.setTimer(DEADLINE_MS, onGone);
    raw.on("data", onData).once("end", onEnd).once("close", onGone);
  });
}

/** The body is still to be parsed like any other. */
export function keepBody({ raw }: FastifyRequest, body: Buffer): void {
  kept.set(raw, body);
}

/** Lets the parsers of this scope find the bodies that were read early. */
export function restoreEarlyBodies(app: FastifyInstance): void {
  app.addHook("preParsing", ({ raw }, _reply, payload, done) => {
    const body = kept.get(raw);
    kept.delete(raw);
    done(null, body === undefined ? payload : Readable.from([body], { objectMode: false }));
  });
}
