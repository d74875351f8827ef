import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8's space for new objects at its first size. It would grow to several megabytes at the first burst of work
 * and stay there; with the small live heap of this program the more frequent collections cost less than the memory
 * is worth on a board with 512 MB. Call it before the program is loaded.
 */
export function limitYoungHeap(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
