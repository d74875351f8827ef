import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { GadgetOfflineError } from "../../../src/platform/gadget/port.ts";
import { openReportNode } from "../../../src/platform/gadget/report-node.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** A FIFO in the place of /dev/hidgN: it too takes reports until it is full, and never blocks. */
function fifo() {
  const path = join(tempDir(), "hidg0");
  execFileSync("mkfifo", [path]);
  const peer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(peer));
  const node = openReportNode(path);
  onTestFinished(() => node.close());
  return { node, peer };
}

describe("openReportNode", () => {
  it("hands reports over without waiting", () => {
    const { node, peer } = fifo();
    expect(node.write(Uint8Array.of(2, 0, 4, 0, 0, 0, 0, 0))).toBe("taken");
    const buffer = Buffer.alloc(64);
    expect(readSync(peer, buffer, 0, 64, null)).toBe(8);
    expect([...buffer.subarray(0, 3)]).toEqual([2, 0, 4]);
  });

  it("says busy while nobody fetches the reports", () => {
    const { node } = fifo();
    let outcome = "taken";
    for (let count = 0; count < 100_000 && outcome === "taken"; count += 1) {
      outcome = node.write(new Uint8Array(8));
    }
    expect(outcome).toBe("busy");
  });

  it("reads what the computer sent, and nothing when it sent nothing", () => {
    const { node, peer } = fifo();
    expect(node.read()).toBeUndefined();
    writeSync(peer, Uint8Array.of(3));
    expect(node.read()).toEqual(Uint8Array.of(3));
    expect(node.read()).toBeUndefined();
  });

  it("says gone after it was closed", () => {
    const { node } = fifo();
    node.close();
    node.close();
    expect(node.write(new Uint8Array(8))).toBe("gone");
    expect(node.read()).toBeUndefined();
  });

  it("says which device cannot be opened", () => {
    expect(() => openReportNode("/nonexistent/hidg9")).toThrow(GadgetOfflineError);
    expect(() => openReportNode("/nonexistent/hidg9")).toThrow("/nonexistent/hidg9");
  });
});
