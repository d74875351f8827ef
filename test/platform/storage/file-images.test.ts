import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { ValidationError } from "../../../src/core/errors.ts";
import { createImageStorage } from "../../../src/platform/storage/file-images.ts";
import { ImageSpaceError } from "../../../src/platform/storage/port.ts";
import type { ImageStore } from "../../../src/platform/storage/port.ts";
import { imageStorageContract } from "../../contract/storage.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

imageStorageContract("folder", () => createImageStorage({ clock: systemClock }));

/** A disk that is full after so many bytes; the last write takes only what still fits, as kernels do. */
function fullAfter(room: number): { root: string; store: ImageStore } {
  const root = join(tempDir(), "images");
  let left = room;
  const noSpace = (): never => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  const limited = (file: FileHandle): FileHandle =>
    new Proxy(file, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (key !== "writev" && key !== "write") {
          const bound: unknown = typeof value === "function" ? value.bind(target) : value;
          return bound;
        }
        return async (data: Uint8Array | readonly Uint8Array[], ...rest: readonly number[]) => {
          const wanted = Buffer.concat(data instanceof Uint8Array ? [data] : [...data]);
          const position = rest.at(-1) ?? 0;
          if (left === 0) noSpace();
          const part = wanted.subarray(0, left);
          left -= part.length;
          const { bytesWritten } = await target.write(part, 0, part.length, position);
          return { bytesWritten };
        };
      },
    });
  const makeFile = async (path: string, flags: number, mode: number): Promise<FileHandle> =>
    limited(await open(path, flags, mode));
  return { root, store: createImageStorage({ clock: systemClock, makeFile }).open(root) };
}

describe("a disk that becomes full", () => {
  it("ends the upload with a clear error, and nothing looks whole", async () => {
    const { root, store } = fullAfter(1_000_000);
    const writer = await store.create("big.img", 3_000_000);
    const work = async (): Promise<void> => {
      for (let count = 0; count < 12; count += 1) await writer.write(new Uint8Array(256 * 1024));
      await writer.finish();
    };
    await expect(work()).rejects.toThrow(ImageSpaceError);
    await writer.abandon({ remove: false });
    expect((await store.scan()).images["big.img"]).toMatchObject({ complete: false });
    await store.remove("big.img");
    expect(readdirSync(root)).toEqual([]);
  });

  it("is noticed with the last bytes too", async () => {
    const { store } = fullAfter(99_999);
    const writer = await store.create("last.img", 100_000);
    await writer.write(new Uint8Array(100_000));
    await expect(writer.finish()).rejects.toThrow(ImageSpaceError);
    await writer.abandon({ remove: true });
    expect((await store.scan()).images).toEqual({});
  });
});

describe("a storage that others write to", () => {
  it("never writes through a link where a mark belongs", async () => {
    const root = join(tempDir(), "images");
    mkdirSync(root);
    const outside = join(tempDir(), "precious");
    writeFileSync(outside, "precious");
    symlinkSync(outside, join(root, ".__a.img.incomplete"));
    const store = createImageStorage({ clock: systemClock }).open(root);
    const writer = await store.create("a.img", 4);
    await writer.write(new Uint8Array(4));
    await writer.finish();
    expect(readFileSync(outside, "utf8")).toBe("precious");
    expect((await store.scan()).images["a.img"]).toMatchObject({ complete: true });
  });

  it("takes no image where it would never list it", async () => {
    const root = join(tempDir(), "images");
    const store = createImageStorage({ clock: systemClock }).open(root);
    const inFolders = (count: number): string => `${"d/".repeat(count)}a.img`;
    const writer = await store.create(inFolders(12), 0);
    await writer.finish();
    expect(Object.keys((await store.scan()).images)).toEqual([inFolders(12)]);
    await expect(store.create(inFolders(13), 0)).rejects.toThrow(ValidationError);
  });
});

describe("watching a storage", () => {
  it("looks again regularly, because free space and network mounts tell nobody, and stops in the end", async () => {
    const clock = fakeClock();
    const store = createImageStorage({ clock }).open(join(tempDir(), "images"));
    let looks = 0;
    const stop = store.watch(() => {
      looks += 1;
    });
    await clock.advance(30_000);
    expect(looks).toBe(3);
    stop();
    expect(clock.pending).toBe(0);
  });
});
