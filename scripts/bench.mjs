// npm run bench: builds the daemon and the benchmark, then runs it (see test/bench/README.md).
import "./node-version.mjs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./root.mjs";
import { ensureBuilt, ensureInstalled, run, tool } from "./workspace.mjs";

ensureInstalled();
await ensureBuilt();

const [{ build }, { buildOptions }] = await Promise.all([
  import("esbuild"),
  import("./bundle.mjs"),
]);
// Not in dist: a build replaces that folder.
const outdir = join(ROOT, "node_modules", ".cache", "farhand-bench");
await rm(outdir, { recursive: true, force: true });
await build({
  ...buildOptions,
  entryPoints: {
    main: "test/bench/main.ts",
    "http-load": "test/bench/http-load.ts",
    "fleet-load": "test/bench/fleet-load.ts",
    "mouse-flood": "test/bench/mouse-flood.ts",
    "fake-ustreamer": "test/bench/fake-ustreamer.ts",
    "hub-storage-worker": "src/hub/series/worker.ts",
    "picture-viewers": "test/bench/picture-viewers.ts",
    "fake-core-program": "test/support/fake-core/fake-core-program.ts",
  },
  // Finds its own files beside itself.
  external: [...(buildOptions.external ?? []), "playwright-core"],
  outdir,
});
process.exitCode = await run(process.execPath, [join(outdir, "main.js"), ...process.argv.slice(2)]);
// What was written has to pass the format check like everything else.
if (process.exitCode === 0) await run(tool("oxfmt"), ["test/bench/README.md"]);
