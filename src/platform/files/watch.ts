import { statSync, watch as watchFolder } from "node:fs";
import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import type { Unsubscribe } from "../../core/store.ts";

const POLL_MS = 2000;

/** Changes with the file; the same for all reasons why it cannot be seen. */
function markOf(path: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return "";
  }
}

/** Not `watchFile` of Node: that one misses what happens before its own first, asynchronous look. */
function poll(path: string, listener: () => void, intervalMs: number): Unsubscribe {
  let known = markOf(path);
  const timer = setInterval(() => {
    const mark = markOf(path);
    if (mark === known) return;
    known = mark;
    listener();
  }, intervalMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/**
 * Watches the folder rather than the file: a replaced file is a new inode, which a watch on the old one never sees.
 * Falls back to a look every two seconds where the kernel has no watch to give (missing folder, watch limit used up,
 * network file system). Does not keep the process alive.
 */
export function watchFile(path: string, listener: () => void, pollMs = POLL_MS): Unsubscribe {
  const name = basename(path);
  let stopPolling: Unsubscribe | undefined;
  let isStopped = false;
  const fallBack = (): void => {
    if (!isStopped) stopPolling ??= poll(path, listener, pollMs);
  };

  let watcher: FSWatcher | undefined;
  try {
    watcher = watchFolder(dirname(path), { persistent: false }, (_kind, changed) => {
      if (changed === null || changed === name) listener();
    });
    watcher.on("error", () => {
      watcher?.close();
      fallBack();
    });
  } catch {
    fallBack();
  }
  return () => {
    isStopped = true;
    watcher?.close();
    stopPolling?.();
  };
}
