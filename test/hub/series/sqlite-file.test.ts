import { existsSync, readFileSync, writeFileSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { StorageError } from "../../../src/core/errors.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../../src/hub/series/migrations.ts";
import { checkBackup, openDatabase, restoreBackup } from "../../../src/hub/series/sqlite-file.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { loadFigures, openTestStorage, pingFigures } from "../../support/hub-storage.ts";
import { tempDir } from "../../support/temp-dir.ts";

const START = Date.UTC(2026, 0, 5);

describe("the database file", () => {
  it("is made with its folder, in the newest form", async () => {
    const path = `${tempDir()}/deep/hub.db`;
    const database = await openDatabase(path);
    expect(database.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length);
    expect(database.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
    expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(database.pragma("auto_vacuum", { simple: true })).toBe(2);
    database.close();
  });

  it("of an earlier version is brought up to date with everything in it", async () => {
    const path = `${tempDir()}/hub.db`;
    const old = await openDatabase(path);
    old.prepare("INSERT INTO probe_task (settings) VALUES ('kept')").run();
    old.close();
    const more = [
      ...MIGRATIONS,
      "ALTER TABLE probe_task ADD COLUMN extra TEXT NOT NULL DEFAULT 'x'",
    ];
    const database = await openDatabase(path, more);
    expect(database.pragma("user_version", { simple: true })).toBe(more.length);
    expect(database.prepare("SELECT * FROM probe_task").all()).toEqual([
      { id: 1, settings: "kept", extra: "x" },
    ]);
    database.close();
  });

  it("stays as it was when a migration fails", async () => {
    const path = `${tempDir()}/hub.db`;
    (await openDatabase(path)).close();
    const broken = [...MIGRATIONS, "CREATE TABLE half (x); nonsense"];
    await expect(openDatabase(path, broken)).rejects.toThrow(StorageError);
    const database = await openDatabase(path);
    expect(database.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length);
    expect(database.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all()).toEqual(
      [],
    );
    database.close();
  });

  it("of a later version, of another program, or that is none, is refused and left alone", async () => {
    const folder = tempDir();
    const later = await openDatabase(`${folder}/later.db`);
    later.pragma("user_version = 999");
    later.close();
    const other = new Sqlite(`${folder}/other.db`);
    other.exec("CREATE TABLE theirs (x)");
    other.close();
    writeFileSync(
      `${folder}/text.db`,
      "not a database at all, but long enough to look at".repeat(50),
    );
    for (const name of ["later", "other", "text"]) {
      const before = readFileSync(`${folder}/${name}.db`);
      await expect(openDatabase(`${folder}/${name}.db`)).rejects.toThrow(StorageError);
      expect(readFileSync(`${folder}/${name}.db`).equals(before)).toBe(true);
    }
  });

  it("in a place that cannot be had is an error that names it", async () => {
    const folder = tempDir();
    writeFileSync(`${folder}/file`, "");
    await expect(openDatabase(`${folder}/file/hub.db`)).rejects.toThrow(/file\/hub\.db/);
  });
});

describe("a restart within a minute", () => {
  it("loses nothing of what the process before it wrote of that minute", async () => {
    const path = `${tempDir()}/hub.db`;
    const clock = fakeClock(START);
    const row = (cpuPercent: number, receivedDeltaBytes: number, tasks: readonly number[]) => ({
      node: 1,
      at: START,
      load: loadFigures({ cpuPercent, receivedDeltaBytes }),
      pings: tasks.map((task) => pingFigures(task, 10 * task)),
    });
    const before = await openTestStorage(clock, { path });
    before.series.append([row(1, 100, [1, 2])]);
    await before.close();
    const storage = await openTestStorage(clock, { path });
    for (const cpuPercent of [9, 3]) {
      storage.series.append([row(cpuPercent, 11, [2, 3])]);
      await clock.advance(1000);
    }
    const minute = { node: 1, from: START, to: START };
    const { points } = await storage.series.load(minute);
    expect(points).toMatchObject([{ cpuPercent: 2, receivedDeltaBytes: 111 }]);
    const pings = (await storage.series.pings(minute)).points;
    expect(pings.map(({ task, sent, meanMs }) => [task, sent, meanMs])).toEqual([
      [1, 1, 10],
      [2, 2, 20],
      [3, 1, 30],
    ]);
    await storage.close();
  });
});

describe("backup and restore", () => {
  it("copy a database that is in use, with the rows of the last moment", async () => {
    const folder = tempDir();
    const clock = fakeClock(START);
    const storage = await openTestStorage(clock, { path: `${folder}/hub.db` });
    storage.series.append([{ node: 1, at: START, load: loadFigures(), pings: [] }]);
    await storage.backup(`${folder}/copies/hub.db`);
    storage.series.append([{ node: 1, at: START + 60_000, load: loadFigures(), pings: [] }]);
    await storage.close();
    await checkBackup(`${folder}/copies/hub.db`);
    await restoreBackup(`${folder}/copies/hub.db`, `${folder}/hub.db`);
    const restored = await openTestStorage(clock, { path: `${folder}/hub.db` });
    const { points } = await restored.series.load({ node: 1, from: START, to: START + 60_000 });
    expect(points.map(({ at }) => at)).toEqual([START]);
    await restored.close();
    expect(existsSync(`${folder}/hub.db.before-restore`)).toBe(true);
    expect(existsSync(`${folder}/hub.db.partial`)).toBe(false);
  });

  it("never put a damaged copy in the place of anything", async () => {
    const folder = tempDir();
    const database = await openDatabase(`${folder}/copy.db`);
    database.pragma("journal_mode = DELETE");
    database.exec("BEGIN");
    for (let row = 0; row < 2000; row += 1) {
      database.prepare("INSERT INTO probe_task (settings) VALUES (?)").run("x".repeat(100));
    }
    database.exec("COMMIT");
    database.close();
    const bytes = readFileSync(`${folder}/copy.db`);
    bytes.fill(0xff, 20_000, 60_000);
    writeFileSync(`${folder}/copy.db`, bytes);
    writeFileSync(`${folder}/hub.db`, "precious");
    await expect(restoreBackup(`${folder}/copy.db`, `${folder}/hub.db`)).rejects.toThrow(
      StorageError,
    );
    expect(readFileSync(`${folder}/hub.db`, "utf8")).toBe("precious");
    await expect(checkBackup(`${folder}/none.db`)).rejects.toThrow(StorageError);
  });
});
