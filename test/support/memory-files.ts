import { StorageError } from "../../src/core/errors.ts";
import type { FileStore } from "../../src/platform/files/port.ts";

/** A file store in memory whose failures are switched by the test. */
export interface MemoryFiles extends FileStore {
  /** Set to make every write reject, as on a full disk. */
  writeError: string | undefined;
  readError: string | undefined;
  /** Changes a file as an editor would, and tells the watchers. */
  edit(path: string, content: string | undefined): void;
  content(path: string): string | undefined;
  mode(path: string): number | undefined;
  readonly watchers: number;
}

interface Stored {
  readonly content: string;
  readonly mode: number | undefined;
  readonly version: number;
}

export function memoryFiles(initial: Readonly<Record<string, string>> = {}): MemoryFiles {
  let version = 0;
  const stored = new Map<string, Stored>();
  const watchers = new Set<{ readonly path: string; readonly notify: () => void }>();
  const put = (path: string, content: string | undefined, mode?: number): void => {
    version += 1;
    if (content === undefined) stored.delete(path);
    else stored.set(path, { content, mode, version });
    for (const watcher of watchers) if (watcher.path === path) watcher.notify();
  };
  for (const [path, content] of Object.entries(initial)) put(path, content);
  const files: MemoryFiles = {
    writeError: undefined,
    readError: undefined,
    edit: put,
    content: (path) => stored.get(path)?.content,
    mode: (path) => stored.get(path)?.mode,
    get watchers() {
      return watchers.size;
    },
    read: (path) =>
      files.readError === undefined
        ? Promise.resolve(stored.get(path)?.content)
        : Promise.reject(new StorageError(files.readError)),
    async readBytes(path) {
      const text = await files.read(path);
      return text === undefined ? undefined : new TextEncoder().encode(text);
    },
    writeAtomic: (path, content, options) => {
      if (files.writeError !== undefined) {
        return Promise.reject(new StorageError(files.writeError));
      }
      put(path, content, options?.mode);
      return Promise.resolve();
    },
    remove: (path) => {
      put(path, undefined);
      return Promise.resolve();
    },
    // There are no folders, only paths.
    removeFolder: () => Promise.resolve(),
    list: (folder) => {
      const below = [...stored.keys()].filter((path) => path.startsWith(`${folder}/`));
      const names = below.map((path) => path.slice(folder.length + 1).split("/", 1)[0] ?? "");
      return Promise.resolve([...new Set(names)].sort());
    },
    listTree: (folder) => {
      const below = [...stored.keys()].filter((path) => path.startsWith(`${folder}/`));
      return Promise.resolve(below.map((path) => path.slice(folder.length + 1)).sort());
    },
    staysWithin: (folder, path) => Promise.resolve(stored.has(`${folder}/${path}`)),
    fingerprint: (path) => stored.get(path)?.version.toString(),
    watch: (path, notify) => {
      const watcher = { path, notify };
      watchers.add(watcher);
      return () => {
        watchers.delete(watcher);
      };
    },
  };
  return files;
}
