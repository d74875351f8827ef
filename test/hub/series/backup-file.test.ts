import { existsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { copyDatabase, finishRestore, stageRestore } from "../../../src/hub/series/backup-file.ts";
import { hubFixture } from "../../support/hub-fixture.ts";
import { openTestStorage } from "../../support/hub-storage.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function fleetAt(path: string) {
  const clock = fakeClock();
  const storage = await openTestStorage(clock, { path });
  return hubFixture({ storage, clock });
}

async function namesAt(path: string): Promise<readonly string[]> {
  const { hub } = await fleetAt(path);
  const names = hub.registry.nodes.map(({ name }) => name);
  await hub.close();
  return names;
}

describe("a copy of the hub's database", () => {
  it("is made while the hub goes on, and holds what was written until then", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    const { hub, addNode } = await fleetAt(path);
    await addNode("first");
    await copyDatabase(path, join(dir, "copy.db"));
    await addNode("second");
    await hub.close();
    expect(await namesAt(join(dir, "copy.db"))).toEqual(["first"]);
    expect(await namesAt(path)).toEqual(["first", "second"]);
  });

  it("is for its owner alone, and never written over the database itself or a device", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    const { hub } = await fleetAt(path);
    symlinkSync(path, join(dir, "link.db"));
    for (const to of [path, `${path}-wal`, join(dir, "link.db"), join(dir, ".", "hub.db")]) {
      await expect(copyDatabase(path, to)).rejects.toThrow("belongs to the hub's database itself");
    }
    await expect(copyDatabase(path, "/dev/null")).rejects.toThrow("is not a file");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    const copy = join(dir, "copy.db");
    await copyDatabase(path, copy);
    await copyDatabase(path, copy);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    await hub.close();
  });

  it("says that there is no database, and makes none", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    await expect(copyDatabase(path, join(dir, "copy.db"))).rejects.toThrow("There is no database");
    expect(existsSync(path)).toBe(false);
  });

  it("names a folder that is not there", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    await (await fleetAt(path)).hub.close();
    await expect(copyDatabase(path, join(dir, "no", "copy.db"))).rejects.toThrow("no folder");
  });

  it("takes the place of the database at the next start, which keeps the former one", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    const { hub, addNode } = await fleetAt(path);
    await addNode("first");
    await copyDatabase(path, join(dir, "copy.db"));
    await addNode("second");
    await stageRestore(join(dir, "copy.db"), path);
    expect(hub.registry.nodes).toHaveLength(2);
    await hub.close();
    expect(await finishRestore(path)).toBe(true);
    expect(await namesAt(path)).toEqual(["first"]);
    expect(await namesAt(`${path}.before-restore`)).toEqual(["first", "second"]);
    expect(await finishRestore(path)).toBe(false);
  });

  it("is staged for the owner of the folder alone", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    await (await fleetAt(path)).hub.close();
    await stageRestore(path, path);
    expect(statSync(`${path}.restore`).mode & 0o777).toBe(0o600);
  });

  it("is refused when it is damaged or something else, and nothing is staged then", async () => {
    const dir = tempDir();
    const path = join(dir, "hub.db");
    const bad = join(dir, "bad.db");
    writeFileSync(bad, "this is not a database, but it is long enough to be looked at".repeat(20));
    await expect(stageRestore(bad, path)).rejects.toThrow("not a database");
    await expect(stageRestore(dir, path)).rejects.toThrow(`${dir} is not a file`);
    await expect(stageRestore(join(dir, "no"), path)).rejects.toThrow("There is no file");
    expect(await finishRestore(path)).toBe(false);
  });
});
