import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { isJournalStream } from "../../../src/platform/journal/journal-stream.ts";
import { tempDir } from "../../support/temp-dir.ts";

it("takes only the very stream that systemd announced for the journal", () => {
  const fd = openSync(join(tempDir(), "stream"), "w");
  onTestFinished(() => {
    closeSync(fd);
  });
  const { dev, ino } = fstatSync(fd, { bigint: true });
  expect(isJournalStream(`${dev}:${ino}`, fd)).toBe(true);
  for (const other of [undefined, "", "nonsense", `${dev}:${ino + 1n}`]) {
    expect(isJournalStream(other, fd)).toBe(false);
  }
  expect(isJournalStream(`${dev}:${ino}`, 999_999)).toBe(false);
});
