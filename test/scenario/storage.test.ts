import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { StorageError } from "../../src/core/errors.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import type { FileStore } from "../../src/platform/files/port.ts";
import { createTestApp } from "../support/create-test-app.ts";

/** A file system that can be read but takes nothing, for the reason given. */
function filesThatRefuse(reason: string): FileStore {
  return {
    ...createFileStore(),
    writeAtomic: (path) => Promise.reject(new StorageError(`Cannot write ${path}: ${reason}`)),
    remove: (path) => Promise.reject(new StorageError(`Cannot remove ${path}: ${reason}`)),
  };
}

describe.each([["the file system is read-only"], ["the disk is full"]])("when %s", (reason) => {
  it("the daemon starts, says so, and the owner can still work", async () => {
    const test = await createTestApp({ files: filesThatRefuse(reason) });
    expect(test.logLines.join("")).toContain(reason);
    expect((await test.call("GET", "/api/auth/check")).status).toBe(200);
    expect((await test.call("GET", "/health")).status).toBe(200);
  });
});

describe("a data directory that is new", () => {
  it("is made, readable by its owner only, and kept for the next start", async () => {
    const parent = mkdtempSync(join(tmpdir(), "farhand-data-"));
    onTestFinished(() => {
      rmSync(parent, { recursive: true, force: true });
    });
    const dataDir = join(parent, "deep", "er");
    const first = await createTestApp({ dataDir });
    await first.close();
    const second = await createTestApp({
      dataDir,
      config: { auth: { initialPassword: "not used any more" } },
    });
    expect((await second.call("GET", "/api/auth/check")).status).toBe(200);
  });
});
