import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A folder that is removed after the test. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), "farhand-test-"));
  made.push(path);
  return path;
}
