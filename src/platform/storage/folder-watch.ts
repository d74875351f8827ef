import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";

/** The kernel's watches are few on small boards. */
const MAX_WATCHES = 256;

/** Watches a set of folders that changes. Folders that cannot be watched are left out; does not keep the process alive. */
export class FolderWatch {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** True when every folder is watched. */
  follow(folders: readonly string[]): boolean {
    const wanted = new Set(folders.slice(0, MAX_WATCHES));
    for (const path of this.#watchers.keys()) {
      if (!wanted.has(path)) this.#drop(path);
    }
    for (const path of wanted) {
      if (!this.#watchers.has(path)) this.#add(path);
    }
    return this.#watchers.size === folders.length;
  }

  close(): void {
    for (const path of this.#watchers.keys()) this.#drop(path);
  }

  #add(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#onChange());
      watcher.on("error", () => {
        this.#drop(path);
        this.#onChange();
      });
      this.#watchers.set(path, watcher);
    } catch {
      // Not watchable: the regular look finds its changes.
    }
  }

  #drop(path: string): void {
    this.#watchers.get(path)?.close();
    this.#watchers.delete(path);
  }
}
