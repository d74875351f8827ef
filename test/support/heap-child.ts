// Makes many objects before and after another thread has begun, and tells the megabytes of the space for new ones. Is
// started with --expose-gc.
import { getHeapSpaceStatistics } from "node:v8";
import { limitYoungHeap } from "../../src/platform/process/heap-limits.ts";
import { startThread } from "../../src/platform/process/thread.ts";

function megabytesAfterWork(): number {
  let kept: object[] = [];
  for (let round = 0; round < 40; round += 1) {
    for (let count = 0; count < 20_000; count += 1) kept.push({ count, list: [count] });
    if (round % 4 === 3) kept = [];
  }
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return (space?.space_size ?? 0) / 2 ** 20;
}

limitYoungHeap();
const before = megabytesAfterWork();
// While the thread begins the limit is not set: a collection of what was made before would come then, or not.
globalThis.gc?.();
const program = new URL(
  "data:text/javascript,import 'node:worker_threads';setInterval(()=>{},1e6)",
);
const worker = startThread(program, 32);
worker.once("online", () => {
  process.stdout.write(JSON.stringify([before, megabytesAfterWork()]));
  void worker.terminate();
});
