import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of V8's space for new objects. */
const LARGE_YOUNG_BYTES = 16 * 1024 * 1024;

/**
 * Keeps V8's space for new objects at the size that it has. It would grow to several megabytes at the first burst of work
 * and stay there; with the small live heap of this program the more frequent collections cost less than the memory
 * is worth on a board with 512 MB. Call it before the program is loaded. A new thread undoes it, see `startThread`.
 */
export function limitYoungHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

/**
 * Lets V8 collect old objects whenever they have grown by a fifth, instead of waiting until they have doubled: for a
 * process in which much stays for long.
 */
export function limitOldHeap(): void {
  setFlagsFromString("--heap-growing-percent=20");
}

function hasLargeYoungHeap(): boolean {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return young !== undefined && young.space_size >= LARGE_YOUNG_BYTES;
}

let watching: PerformanceObserver | undefined;

/**
 * Lets V8's space for new objects double as it likes, but not once more while it has a size with which collections are
 * rare: for a process whose many connections would make it grow to the utmost, where the other half costs more memory
 * than it saves time. What V8 takes back in quiet hours may grow again. Call it after new threads have started, see
 * `limitYoungHeap`.
 */
export function limitLargeYoungHeap(): void {
  watching?.disconnect();
  let isLimited = false;
  watching = new PerformanceObserver(() => {
    const isLarge = hasLargeYoungHeap();
    if (isLarge === isLimited) return;
    isLimited = isLarge;
    if (isLarge) limitYoungHeap();
    else setFlagsFromString("--semi-space-growth-factor=2");
  });
  watching.observe({ entryTypes: ["gc"] });
}
