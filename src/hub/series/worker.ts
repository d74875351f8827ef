// The thread that holds the hub's database; its messages are those of worker-engine.ts.
import { parentPort } from "node:worker_threads";
import { AppError, describeError } from "../../core/errors.ts";
import type { StorageReply, StorageRequest } from "./requests.ts";
import { SqliteEngine } from "./sqlite-engine.ts";

const engine = new SqliteEngine();

async function answer(
  request: StorageRequest,
): Promise<{ reply?: StorageReply; failure?: string; isMissingPart?: boolean }> {
  try {
    return { reply: await engine.perform(request) };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const isMissingPart = [error, cause].some(
      (each) => each instanceof AppError && each.code === "MISSING_PART",
    );
    return { failure: describeError(error), isMissingPart };
  }
}

parentPort?.on("message", ({ id, request }: { id: number; request: StorageRequest }) => {
  void answer(request).then((result) => {
    // Handed over, not copied.
    const numbers = result.reply?.range?.numbers;
    const handedOver = numbers?.buffer instanceof ArrayBuffer ? [numbers.buffer] : [];
    parentPort?.postMessage({ id, ...result }, handedOver);
  });
});
