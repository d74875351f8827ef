import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { StorageError, ValidationError } from "../../src/core/errors.ts";
import {
  ImageExistsError,
  ImageMissingError,
  ImageSpaceError,
} from "../../src/platform/storage/port.ts";
import type { ImageStorage, ImageStore } from "../../src/platform/storage/port.ts";
import { tempDir } from "../support/temp-dir.ts";

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const imageNames = async (store: ImageStore): Promise<readonly string[]> => {
  const { images } = await store.scan();
  return Object.keys(images);
};

/** What every storage of disk images must do. */
export function imageStorageContract(name: string, open: () => ImageStorage): void {
  const rig = () => {
    const outside = tempDir();
    const root = join(outside, "images");
    const plant = (path: string, content = "x"): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    };
    return { outside, root, plant, store: open().open(root) };
  };
  const write = async (store: ImageStore, image: string, bytes: Uint8Array): Promise<void> => {
    const writer = await store.create(image, bytes.length);
    await writer.write(bytes);
    await writer.finish();
  };

  describe(`ImageStorage: ${name}`, () => {
    it("begins empty and makes its folder", async () => {
      const { store, root } = rig();
      const { images, parts } = await store.scan();
      expect(images).toEqual({});
      expect(parts[""]).toMatchObject({ writable: true });
      expect(parts[""]?.freeBytes).toBeLessThanOrEqual(parts[""]?.sizeBytes ?? 0);
      expect(existsSync(root)).toBe(true);
    });

    it("lists images of sub-folders in the order of their names", async () => {
      const { store, plant } = rig();
      plant("b.iso", "12345");
      plant("a/z.img");
      plant("a/b/c.img");
      const { images } = await store.scan();
      expect(Object.keys(images)).toEqual(["a/b/c.img", "a/z.img", "b.iso"]);
      expect(images["b.iso"]).toMatchObject({
        sizeBytes: 5,
        complete: true,
        removable: true,
        writable: false,
      });
      expect(images["a/z.img"]).toMatchObject({ writable: true });
    });

    it("skips what is hidden, lost, or a symbolic link", async () => {
      const { store, plant, outside, root } = rig();
      plant("seen.img");
      plant(".hidden.img");
      plant(".folder/x.img");
      plant("lost+found/x.img");
      writeFileSync(join(outside, "secret.img"), "secret");
      symlinkSync(join(outside, "secret.img"), join(root, "link.img"));
      symlinkSync(outside, join(root, "folder-link"));
      expect(await imageNames(store)).toEqual(["seen.img"]);
    });

    it("takes an image in, which is incomplete until its end", async () => {
      const { store, root } = rig();
      const bytes = Buffer.alloc(5 * 1024 * 1024, "farhand");
      const writer = await store.create("sub/new.img", bytes.length);
      expect((await store.scan()).images["sub/new.img"]).toMatchObject({ complete: false });
      for (let at = 0; at < bytes.length; at += 65_537) {
        await writer.write(bytes.subarray(at, at + 65_537));
      }
      await writer.finish();
      expect((await store.scan()).images["sub/new.img"]).toMatchObject({ complete: true });
      expect(readFileSync(join(root, "sub/new.img")).equals(bytes)).toBe(true);
      expect(readdirSync(join(root, "sub"))).toEqual(["new.img"]);
    });

    it("takes an empty image in", async () => {
      const { store } = rig();
      await write(store, "empty.img", new Uint8Array());
      expect((await store.scan()).images["empty.img"]).toMatchObject({
        sizeBytes: 0,
        complete: true,
      });
    });

    it("keeps the mark when bytes are missing at the end", async () => {
      const { store } = rig();
      const writer = await store.create("short.img", 100);
      await writer.write(new Uint8Array(60));
      await expect(writer.finish()).rejects.toThrow(StorageError);
      await writer.abandon({ remove: false });
      expect((await store.scan()).images["short.img"]).toMatchObject({ complete: false });
    });

    it("leaves an abandoned image marked, or nothing of it", async () => {
      const { store, root } = rig();
      const kept = await store.create("kept.img", 100);
      await kept.abandon({ remove: false });
      const gone = await store.create("gone.img", 100);
      await gone.abandon({ remove: true });
      expect(readdirSync(root).sort()).toEqual([".__kept.img.incomplete", "kept.img"]);
    });

    it("does not write over an image, complete or not", async () => {
      const { store, plant } = rig();
      plant("a.img");
      await expect(store.create("a.img", 1)).rejects.toThrow(ImageExistsError);
      await (await store.create("b.img", 1)).abandon({ remove: false });
      await expect(store.create("b.img", 1)).rejects.toThrow(ImageExistsError);
    });

    it("refuses an image that cannot fit before it takes a byte", async () => {
      const { store, root } = rig();
      await expect(store.create("huge.img", 2 ** 52)).rejects.toThrow(ImageSpaceError);
      expect(readdirSync(root)).toEqual([]);
    });

    it("refuses names that lead outside, and folders that do", async () => {
      const { store, outside, root, plant } = rig();
      plant("seen.img");
      symlinkSync(outside, join(root, "up"));
      writeFileSync(join(outside, "secret.img"), "secret");
      for (const image of [
        "../secret.img",
        "/etc/passwd",
        "a/../../x",
        "",
        ".",
        ".hidden",
        "a//b",
      ]) {
        await expect(store.create(image, 1)).rejects.toMatchObject({ kind: "invalid" });
        await expect(store.open(image)).rejects.toMatchObject({ kind: "invalid" });
        await expect(store.remove(image)).rejects.toMatchObject({ kind: "invalid" });
      }
      await expect(store.create("up/new.img", 1)).rejects.toThrow(StorageError);
      await expect(store.open("up/secret.img")).rejects.toThrow(ImageMissingError);
      await expect(store.locate("up/secret.img")).rejects.toThrow(ImageMissingError);
      await expect(store.remove("up/secret.img")).rejects.toThrow(ImageMissingError);
      expect(readFileSync(join(outside, "secret.img"), "utf8")).toBe("secret");
    });

    it("says that a name is too long for the mark beside it", async () => {
      const { store } = rig();
      await expect(store.create("x".repeat(255), 1)).rejects.toThrow(ValidationError);
      expect(await imageNames(store)).toEqual([]);
    });

    it("gives an image out, whole and in places", async () => {
      const { store } = rig();
      const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => index % 251));
      await write(store, "a.img", bytes);
      const reader = await store.open("a.img");
      expect(reader.sizeBytes).toBe(bytes.length);
      expect((await gathered(reader.chunks())).equals(bytes)).toBe(true);
      expect([...(await reader.read(699_998, 10))]).toEqual([...bytes.subarray(699_998)]);
      await reader.close();
      await reader.close();
    });

    it("removes an image with its mark, and says when there is none", async () => {
      const { store, root } = rig();
      await (await store.create("a.img", 10)).abandon({ remove: false });
      await store.remove("a.img");
      expect(readdirSync(root)).toEqual([]);
      await expect(store.remove("a.img")).rejects.toThrow(ImageMissingError);
      await expect(store.open("a.img")).rejects.toThrow(ImageMissingError);
      await expect(store.locate("a.img")).rejects.toThrow(ImageMissingError);
    });

    it("knows an image by its path and a path by its image", async () => {
      const { store, plant, root } = rig();
      plant("sub/a.img");
      await store.scan();
      const path = await store.locate("sub/a.img");
      expect(path).toBe(join(root, "sub/a.img"));
      expect(store.nameOf(path)).toBe("sub/a.img");
      expect(store.nameOf(join(root, "../other.img"))).toBeUndefined();
      expect(store.nameOf(root)).toBeUndefined();
      expect(store.nameOf(`${root}-of-others/a.img`)).toBeUndefined();
    });

    it("tells of changes by others, also in folders that are new", async () => {
      const { store, plant, root } = rig();
      await store.scan();
      const changed = (): Promise<void> =>
        new Promise((resolve) => {
          const stop = store.watch(() => {
            stop();
            resolve();
          });
          void store.scan();
        });
      const first = changed();
      await store.scan();
      plant("sub/a.img");
      await first;
      expect(await imageNames(store)).toEqual(["sub/a.img"]);
      const second = changed();
      await store.scan();
      unlinkSync(join(root, "sub/a.img"));
      await second;
      expect(await imageNames(store)).toEqual([]);
    });
  });
}
