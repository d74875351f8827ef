import { pbkdf2 } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createNodeSerialBus } from "../../../src/platform/serial/node-serial.ts";
import { PortOpenError } from "../../../src/platform/serial/port.ts";
import { createPtyPair } from "../../../src/platform/sim/pty-pair.ts";
import { serialContract } from "../../contract/serial.ts";
import type { SerialRig } from "../../contract/serial.ts";
import { tempDir } from "../../support/temp-dir.ts";

// NOTE: these need real pseudo-terminals and the main thread of a process (vitest's pool "forks"). Where one is missing
// every test fails with the reason; none is skipped.

async function ptyRig(): Promise<SerialRig> {
  const pair = await createPtyPair();
  return {
    bus: createNodeSerialBus(),
    path: pair.path,
    peer: () => pair.link,
    lastOpen: pair.attached,
    unplug() {
      void pair.link.close();
    },
    close: () => pair.link.close(),
  };
}

serialContract("node-serial over a pseudo-terminal", ptyRig);

describe("createNodeSerialBus", () => {
  const open = (path: string) => createNodeSerialBus().open(path, { baudRate: 9600 });

  it("says that a file is not a serial port", async () => {
    const path = join(tempDir(), "file");
    writeFileSync(path, "");
    await expect(open(path)).rejects.toBeInstanceOf(PortOpenError);
    await expect(open(path)).rejects.toThrow(/is not a serial port/);
  });

  it("says that a folder is not a serial port", async () => {
    await expect(open(tempDir())).rejects.toThrow(/is a folder, not a serial port/);
  });

  it("sends while every thread of the pool is busy", async () => {
    const rig = await ptyRig();
    const link = await rig.bus.open(rig.path, { baudRate: 9600 });
    let done = 0;
    const work = Array.from({ length: 8 }, async () => {
      await promisify(pbkdf2)("password", "salt", 100_000, 64, "sha512");
      done += 1;
    });
    await link.send(Uint8Array.of(1, 2, 3));
    expect(done).toBe(0);
    await Promise.all(work);
    await link.close();
    await rig.close();
  });

  it.each([0, -5, 9600.5, Number.NaN, 10_000_000])(
    "refuses a speed of %s baud",
    async (baudRate) => {
      const rig = await ptyRig();
      await expect(rig.bus.open(rig.path, { baudRate })).rejects.toBeInstanceOf(PortOpenError);
      await rig.close();
    },
  );
});
