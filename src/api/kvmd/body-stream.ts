/** Request bodies that are too large to be gathered: the handler reads them as they come. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../core/clock.ts";
import { MsdUploadCutError } from "../../device/msd/msd-errors.ts";

/** In the scope of `app` nothing reads a body but `bodyStream`, whatever the content type says. */
export function acceptStreams(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => {
    done(null, undefined);
  });
}

export interface BodyStreamOptions {
  readonly clock: Clock;
  /** A sender that is silent for so long is cut off. */
  readonly idleMs: number;
  /** Cuts the sender off at once. */
  readonly signal: AbortSignal;
}

/** The body's bytes, read only as fast as they are taken. Rejects when the sender hangs up or falls silent. */
export async function* bodyStream(
  { raw }: FastifyRequest,
  { clock, idleMs, signal }: BodyStreamOptions,
): AsyncGenerator<Uint8Array, void> {
  const cut = (reason: string): void => {
    raw.destroy(new MsdUploadCutError(reason));
  };
  const onAbort = (): void => {
    cut("The upload was ended");
  };
  const arm = (): (() => void) =>
    clock.setTimer(idleMs, () => {
      cut(`The sender was silent for ${idleMs / 1000} s`);
    });
  signal.addEventListener("abort", onAbort, { once: true });
  let disarm = arm();
  try {
    for await (const piece of raw) {
      const chunk: unknown = piece;
      if (!(chunk instanceof Uint8Array)) continue;
      // Only the sender's silence counts, not the time that the disk takes.
      disarm();
      yield chunk;
      disarm = arm();
    }
  } finally {
    disarm();
    signal.removeEventListener("abort", onAbort);
  }
}
