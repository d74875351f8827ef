import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCharDevice } from "../../../src/platform/gpio/char-device.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Bytes left to read: an ioctl that every file answers. */
const FIONREAD = 0x541b;

describe("loadCharDevice", () => {
  it("performs real ioctls whose answers arrive in the bytes", async () => {
    const device = await loadCharDevice();
    const path = join(tempDir(), "five");
    writeFileSync(path, "12345");
    const fd = device.open(path);
    const bytes = new Uint8Array(4);
    device.ioctl(fd, FIONREAD, bytes);
    device.close(fd);
    expect([...bytes]).toEqual([5, 0, 0, 0]);
  });

  it("reports refusals by their errno names", async () => {
    const device = await loadCharDevice();
    const path = join(tempDir(), "plain");
    writeFileSync(path, "");
    const fd = openSync(path, "r+");
    expect(() => device.ioctl(fd, 0xc250_b407, new Uint8Array(592))).toThrow(
      expect.objectContaining({ code: "ENOTTY" }),
    );
    closeSync(fd);
    expect(() => device.ioctl(fd, 0xc250_b407, new Uint8Array(592))).toThrow(
      expect.objectContaining({ code: "EBADF" }),
    );
  });
});
