import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeOverReserve } from "../../../src/platform/gadget/reserve.ts";
import { nodeTreeFiles } from "../../../src/platform/gadget/tree-files.ts";
import type { TreeFiles } from "../../../src/platform/gadget/tree-files.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Rig {
  readonly files: TreeFiles;
  readonly log: string[];
  readonly gadget: string;
  readonly reserve: string;
}

/** Folders that bring their own, as configfs makes them; `log` is what was done. */
function rig(): Rig {
  const root = tempDir();
  const log: string[] = [];
  const files: TreeFiles = {
    ...nodeTreeFiles,
    mkdir: (path) => {
      log.push(`mkdir ${path.slice(root.length + 1)}`);
      mkdirSync(path);
      if (!path.includes("functions")) mkdirSync(join(path, "functions"));
    },
    rmdir: (path) => {
      log.push(`rmdir ${path.slice(root.length + 1)}`);
      if (nodeTreeFiles.exists(join(path, "functions")))
        nodeTreeFiles.rmdir(join(path, "functions"));
      nodeTreeFiles.rmdir(path);
    },
  };
  return { files, log, gadget: join(root, "farhand"), reserve: join(root, "reserve") };
}

describe("the place holder of the input devices", () => {
  it("goes after the first real input function is there", () => {
    const { files, log, gadget, reserve } = rig();
    mkdirSync(join(reserve, "functions", "hid.reserve"), { recursive: true });
    takeOverReserve(files, gadget, reserve);
    expect(log).toEqual([
      "mkdir farhand",
      "mkdir farhand/functions/hid.usb0",
      "rmdir reserve/functions/hid.reserve",
      "rmdir reserve",
    ]);
    expect(files.exists(reserve)).toBe(false);
  });

  it("goes beside a gadget that stands already, and beside nothing else", () => {
    const { files, log, gadget, reserve } = rig();
    mkdirSync(join(gadget, "functions", "hid.usb0"), { recursive: true });
    mkdirSync(join(reserve, "functions", "hid.reserve"), { recursive: true });
    takeOverReserve(files, gadget, reserve);
    expect(log).toEqual(["rmdir reserve/functions/hid.reserve", "rmdir reserve"]);
    takeOverReserve(files, gadget, reserve);
    expect(log).toHaveLength(2);
  });

  it("goes when it was made in half", () => {
    const { files, log, gadget, reserve } = rig();
    mkdirSync(join(reserve, "functions"), { recursive: true });
    takeOverReserve(files, gadget, reserve);
    expect(log).toEqual(["rmdir reserve"]);
  });
});
