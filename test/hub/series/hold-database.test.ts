import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StorageError } from "../../../src/core/errors.ts";
import { copyDatabase } from "../../../src/hub/series/backup-file.ts";
import { holdDatabase } from "../../../src/hub/series/hold-database.ts";
import { openDatabase } from "../../../src/hub/series/sqlite-file.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("the database of a hub", () => {
  it("belongs to one hub at a time, which is said in words", async () => {
    const path = join(tempDir(), "hub.db");
    const release = await holdDatabase(path);
    const second = holdDatabase(path);
    await expect(second).rejects.toThrow(StorageError);
    await expect(second).rejects.toThrow(/is in use by another process/);
    release();
    (await holdDatabase(path))();
  });

  it("can be copied meanwhile", async () => {
    const folder = tempDir();
    const path = join(folder, "hub.db");
    const release = await holdDatabase(path);
    (await openDatabase(path)).close();
    await expect(copyDatabase(path, join(folder, "copy.db"))).resolves.toBeUndefined();
    release();
  });

  it("that is only in memory is nobody else's", async () => {
    const release = await holdDatabase(":memory:");
    await expect(holdDatabase(":memory:")).resolves.toBeInstanceOf(Function);
    release();
  });
});
