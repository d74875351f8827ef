import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLinuxInventory } from "../../../src/platform/inventory/linux-inventory.ts";
import type { Inventory } from "../../../src/platform/inventory/port.ts";
import { tempDir } from "../../support/temp-dir.ts";

function machine(files: Readonly<Record<string, string>>): Inventory {
  const root = tempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return createLinuxInventory({ root });
}

describe("the inventory", () => {
  it("lists a folder in order, and a missing one as empty", async () => {
    const inventory = machine({ "/sys/class/udc/b": "", "/sys/class/udc/a": "" });
    expect(await inventory.names("/sys/class/udc")).toEqual(["a", "b"]);
    expect(await inventory.names("/sys/class/nope")).toEqual([]);
  });

  it("reads small texts without line ends and zeros", async () => {
    const inventory = machine({ "/proc/model": "Board 1\0\n" });
    expect(await inventory.text("/proc/model")).toBe("Board 1");
    expect(await inventory.text("/proc/none")).toBeUndefined();
  });

  it("tells a node that is there from one that is not", async () => {
    const inventory = machine({ "/dev/video0": "" });
    expect(await inventory.node("/dev/video0")).toEqual({
      path: "/dev/video0",
      readable: true,
      writable: true,
    });
    expect(await inventory.node("/dev/video1")).toBeUndefined();
  });

  it("knows whether a folder could be made", async () => {
    const inventory = machine({ "/var/lib/x": "" });
    expect(await inventory.canCreate("/var/lib/farhand/state")).toBe(true);
  });

  it("names the account and its groups", async () => {
    const ids = process.getgroups?.() ?? [];
    const lines = ids.map((id) => `group${id}:x:${id}:`);
    const user = await machine({ "/etc/group": lines.join("\n") }).user();
    expect(user).toEqual({
      name: userInfo().username,
      uid: userInfo().uid,
      groups: ids.map((id) => `group${id}`).toSorted(),
    });
  });

  it("tells a socket on which somebody listens from others", async () => {
    const root = tempDir();
    const server = createServer().listen(join(root, "served"));
    onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
    // A file that is no socket refuses connections like a socket that was left behind.
    writeFileSync(join(root, "left"), "");
    const inventory = createLinuxInventory({ root });
    expect(await inventory.socket("/served")).toBe("listening");
    expect(await inventory.socket("/left")).toBe("silent");
    expect(await inventory.socket("/none")).toBe("absent");
  });

  it("knows the program that runs this", () => {
    expect(createLinuxInventory().runtime()).toMatchObject({
      version: process.versions.node,
      program: process.execPath,
    });
  });

  it("says why a package does not load", async () => {
    const inventory = createLinuxInventory();
    expect(await inventory.addonFailure("no-such-package-at-all")).toContain("Cannot find module");
    expect(await inventory.addonFailure("typescript/package.json")).toBeUndefined();
  });
});
