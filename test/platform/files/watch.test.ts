import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { watchFile } from "../../../src/platform/files/watch.ts";
import { tempDir } from "../../support/temp-dir.ts";

describe("watchFile", () => {
  it("looks from time to time when the folder does not exist yet", async () => {
    const folder = `${tempDir()}/later`;
    let calls = 0;
    let stop = (): void => undefined;
    const changed = new Promise<void>((resolve) => {
      const onChange = (): void => {
        calls += 1;
        resolve();
      };
      stop = watchFile(`${folder}/f`, onChange, 5);
    });
    mkdirSync(folder);
    writeFileSync(`${folder}/f`, "x");
    await changed;
    stop();
    expect(calls).toBeGreaterThan(0);
  });

  it("ignores other files of the folder", async () => {
    const folder = tempDir();
    const seen: string[] = [];
    const stopWanted = watchFile(`${folder}/wanted`, () => {
      seen.push("wanted");
    });
    let stopOther = (): void => undefined;
    const otherChanged = new Promise<void>((resolve) => {
      stopOther = watchFile(`${folder}/other`, resolve);
    });
    writeFileSync(`${folder}/other`, "x");
    await otherChanged;
    stopWanted();
    stopOther();
    expect(seen).toEqual([]);
  });
});
