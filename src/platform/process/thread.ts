import { Worker } from "node:worker_threads";
import { limitYoungHeap } from "./heap-limits.ts";

/**
 * Starts a thread with at most so much heap of its own. V8 sets the limit of young objects back for the whole process
 * whenever it makes a heap: it is set again when that is done, and what has grown meanwhile stays. The owner has to
 * terminate the thread.
 */
export function startThread(program: URL, maxHeapMb: number): Worker {
  const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
  worker.once("online", limitYoungHeap);
  return worker;
}
