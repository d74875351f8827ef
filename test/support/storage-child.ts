// A process that only writes rows until it is killed: argument 1 is the database. One line per written second.
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/log.ts";
import { openHubStorage } from "../../src/hub/series/open-storage.ts";
import { WorkerEngine } from "../../src/hub/series/worker-engine.ts";
import { loadFigures, RETENTION } from "./hub-storage.ts";

const [path = "", worker = ""] = process.argv.slice(2);
const storage = await openHubStorage({
  path,
  retention: RETENTION,
  clock: systemClock,
  log: silentLogger,
  engine: new WorkerEngine(new URL(worker)),
});
const start = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
for (let count = 1; ; count += 1) {
  const at = start + (count % 60) * 60_000;
  const rows = Array.from({ length: 50 }, (_, index) => ({
    node: 1 + index,
    at,
    load: loadFigures({ processCount: count }),
    pings: [],
  }));
  storage.series.append(rows);
  // They are told only after everything before was written.
  await storage.figures();
  process.stdout.write(`${count}\n`);
}
