import type { ServerReadableStream } from "@grpc/grpc-js";

/**
 * Takes the messages of an upload one after the other, until there are no more or `take` resolves with false; the
 * rest is then not read. A client that goes away ends the messages. Rejects with what `take` rejects with.
 */
export function forEachMessage(
  call: ServerReadableStream<Buffer, Buffer>,
  take: (message: Buffer) => Promise<boolean>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let isBusy = false;
    let hasEnded = false;
    const finish = (settle: () => void): void => {
      isOver = true;
      settle();
    };
    const end = (): void => {
      hasEnded = true;
      if (!isOver && !isBusy) finish(resolve);
    };
    const next = (wantsMore: boolean): void => {
      isBusy = false;
      if (!wantsMore || hasEnded) finish(resolve);
      else call.resume();
    };
    const handle = async (message: Buffer): Promise<void> => {
      try {
        next(await take(message));
      } catch (error) {
        finish(() => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      }
    };
    call.on("data", (message: Buffer) => {
      if (isOver) return;
      isBusy = true;
      call.pause();
      void handle(message);
    });
    call.on("end", end);
    call.on("error", end);
    call.on("cancelled", end);
  });
}
