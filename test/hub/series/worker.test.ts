import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/core/clock.ts";
import { StorageError } from "../../../src/core/errors.ts";
import { checkBackup } from "../../../src/hub/series/sqlite-file.ts";
import { WorkerEngine } from "../../../src/hub/series/worker-engine.ts";
import { openTestStorage, loadFigures, RETENTION } from "../../support/hub-storage.ts";
import { REPOSITORY } from "../../support/source-tree.ts";
import { tempDir } from "../../support/temp-dir.ts";

// Inside the repository, where packages are found.
const outdir = `${REPOSITORY}/node_modules/.cache/farhand-hub-test-${process.pid}`;
const worker = pathToFileURL(`${outdir}/worker.js`);

beforeAll(async () => {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: {
      worker: "src/hub/series/worker.ts",
      child: "test/support/storage-child.ts",
    },
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["better-sqlite3"],
    logLevel: "error",
  });
});

afterAll(() => {
  rmSync(outdir, { recursive: true, force: true });
});

/** Lets the process write for a moment and kills it. Gives the number of the last row it saw written. */
async function writeUntilKilled(path: string, rounds: number): Promise<number> {
  const child = spawn(process.execPath, [`${outdir}/child.js`, path, worker.href]);
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.split("\n").length > rounds) break;
  }
  child.kill("SIGKILL");
  await closed;
  return Number(text.trim().split("\n").at(-1));
}

describe("the thread of the hub's database", () => {
  it("does everything that the engine in the same thread does", async () => {
    const path = `${tempDir()}/hub.db`;
    const storage = await openTestStorage(systemClock, { path, engine: new WorkerEngine(worker) });
    const at = Math.floor(systemClock.now() / 60_000) * 60_000;
    storage.series.append([{ node: 1, at, load: loadFigures(), pings: [] }]);
    const { points } = await storage.series.load({ node: 1, from: at, to: at });
    expect(points).toEqual([{ at, ...loadFigures() }]);
    await storage.backup(`${path}.copy`);
    await checkBackup(`${path}.copy`);
    expect((await storage.figures()).looseRows).toBe(1);
    await expect(storage.tables.write([{ sql: "nonsense", values: [] }])).rejects.toThrow(
      StorageError,
    );
    await storage.close();
    expect(storage.series.state.value.status).toBe("closed");
    await expect(storage.figures()).rejects.toThrow(StorageError);
  });

  it("says what is wrong with a file that it cannot open", async () => {
    const engine = new WorkerEngine(worker);
    const open = {
      kind: "open",
      path: `${outdir}/worker.js/hub.db`,
      retention: RETENTION,
    } as const;
    await expect(engine.perform(open)).rejects.toThrow(StorageError);
    await engine.perform({ kind: "close" });
  });

  it("loses nothing that was written, and never the file, when the process is killed", async () => {
    const path = `${tempDir()}/hub.db`;
    for (const rounds of [1, 7, 20]) {
      const written = await writeUntilKilled(path, rounds);
      expect(written).toBeGreaterThanOrEqual(rounds);
      await checkBackup(path);
      const storage = await openTestStorage(systemClock, { path });
      const sql = "SELECT count(*) AS count FROM loose";
      const [row] = await storage.tables.read({ sql, values: [] });
      expect(Number(row?.["count"])).toBeGreaterThanOrEqual(50 * Math.min(written, 60));
      await storage.close();
    }
  });
});
