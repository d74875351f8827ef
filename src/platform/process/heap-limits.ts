import { setFlagsFromString } from "node:v8";

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
