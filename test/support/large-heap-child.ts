// Makes many objects of which many stay for a while, and tells the megabytes of the space for new ones.
import { setImmediate as turn } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import { limitLargeYoungHeap } from "../../src/platform/process/heap-limits.ts";

const isLimited = process.argv[2] === "limited";
if (isLimited) limitLargeYoungHeap();
let kept: object[] = [];
for (let round = 0; round < 400; round += 1) {
  for (let count = 0; count < 5000; count += 1) kept.push({ count, list: [count] });
  if (round % 40 === 39) kept = [];
  // What looks after collections has its turn.
  await turn();
}
const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
process.stdout.write(String((space?.space_size ?? 0) / 2 ** 20));
