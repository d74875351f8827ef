import { describe, expect, it } from "vitest";
import { StorageError } from "../../src/core/errors.ts";
import type { FileStore } from "../../src/platform/files/port.ts";

export interface FileStoreSubject {
  readonly files: FileStore;
  /** Absolute path of an empty folder that exists. */
  readonly folder: string;
}

/** What every `FileStore` promises, whatever it stores in. */
export function fileStoreContract(name: string, make: () => FileStoreSubject): void {
  describe(`${name} as a FileStore`, () => {
    it("reads undefined when the file is missing", async () => {
      const { files, folder } = make();
      expect(await files.read(`${folder}/none`)).toBeUndefined();
      expect(await files.read(`${folder}/none/deeper`)).toBeUndefined();
    });

    it("reads back what was written, also into folders that did not exist", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/a/b/c.txt`, "zażółć\n");
      expect(await files.read(`${folder}/a/b/c.txt`)).toBe("zażółć\n");
    });

    it("reads the bytes of a file, too", async () => {
      const { files, folder } = make();
      expect(await files.readBytes(`${folder}/none`)).toBeUndefined();
      await files.writeAtomic(`${folder}/f`, "ż");
      expect(Array.from((await files.readBytes(`${folder}/f`)) ?? [])).toEqual([0xc5, 0xbc]);
    });

    it("replaces content", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/f`, "one");
      await files.writeAtomic(`${folder}/f`, "2");
      expect(await files.read(`${folder}/f`)).toBe("2");
    });

    it("keeps the content of the last call when writes to one path overlap", async () => {
      const { files, folder } = make();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => files.writeAtomic(`${folder}/f`, `v${index}`)),
      );
      expect(await files.read(`${folder}/f`)).toBe("v19");
    });

    it("lists names in order without leftovers, and nothing for a missing folder", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/b`, "");
      await files.writeAtomic(`${folder}/a`, "");
      expect(await files.list(folder)).toEqual(["a", "b"]);
      expect(await files.list(`${folder}/none`)).toEqual([]);
    });

    it("removes files and accepts that one is already gone", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/f`, "x");
      await files.remove(`${folder}/f`);
      await files.remove(`${folder}/f`);
      expect(await files.read(`${folder}/f`)).toBeUndefined();
    });

    it("changes the fingerprint with the content and has none for a missing file", async () => {
      const { files, folder } = make();
      expect(files.fingerprint(`${folder}/f`)).toBeUndefined();
      await files.writeAtomic(`${folder}/f`, "one");
      const first = files.fingerprint(`${folder}/f`);
      expect(first).toEqual(expect.any(String));
      expect(files.fingerprint(`${folder}/f`)).toBe(first);
      await files.writeAtomic(`${folder}/f`, "two");
      expect(files.fingerprint(`${folder}/f`)).not.toBe(first);
    });

    it("rejects with StorageError when the path cannot be written", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/f`, "x");
      await expect(files.writeAtomic(`${folder}/f/below`, "y")).rejects.toBeInstanceOf(
        StorageError,
      );
      expect(await files.read(`${folder}/f`)).toBe("x");
    });

    it("tells a watcher about a replaced file", async () => {
      const { files, folder } = make();
      await files.writeAtomic(`${folder}/f`, "one");
      let stop = (): void => undefined;
      const changed = new Promise<void>((resolve) => {
        stop = files.watch(`${folder}/f`, resolve);
      });
      await files.writeAtomic(`${folder}/f`, "two");
      await changed;
      stop();
      expect(await files.read(`${folder}/f`)).toBe("two");
    });
  });
}
