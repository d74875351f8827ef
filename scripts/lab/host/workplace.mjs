// The folder shared with a machine, and the simulated chip at its UART.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, stop } from "esbuild";
import { ROOT } from "../../root.mjs";
import { CACHE } from "./machine.mjs";

/** The host's loopback, seen from inside. */
const HOST_INSIDE = "10.0.2.2";

/** TypeScript of the lab as programs that Node.js runs. */
export async function bundlePrograms() {
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      guest: "scripts/lab/guest/main.ts",
      "chip-server": "scripts/lab/host/chip-server.ts",
      scenarios: "scripts/lab/scenarios/index.ts",
    },
    outdir: join(CACHE, "programs"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  await stop();
}

/** @typedef {Omit<import("../guest/job.ts").Job, "controlUrl">} Task */

/**
 * `assign` says what the machine has to do, before it starts or wakes.
 * @returns {Promise<{ shared: string, uart: string, chip: import("./chip-server.ts").ChipServer, assign: (task: Task) => void, close: () => void }>}
 */
export async function openWorkplace() {
  // A short path: the names of sockets are limited.
  const folder = mkdtempSync(join(tmpdir(), "farhand-lab-"));
  const shared = join(folder, "shared");
  const uart = join(folder, "uart");
  mkdirSync(shared);
  copyFileSync(join(CACHE, "programs", "guest.mjs"), join(shared, "guest.mjs"));
  const path = pathToFileURL(join(CACHE, "programs", "chip-server.mjs")).href;
  /** @type {typeof import("./chip-server.ts")} */
  const { startChipServer } = await import(path);
  const chip = await startChipServer(uart);
  const controlUrl = `http://${HOST_INSIDE}:${chip.port}`;
  return {
    shared,
    uart,
    chip,
    assign: (task) => {
      writeFileSync(join(shared, "job.json"), JSON.stringify({ ...task, controlUrl }));
    },
    close: () => {
      chip.close();
    },
  };
}

/** The ends of a machine's logs, for a machine that did not do its work. @param {string} shared */
export function explainEnd(shared) {
  return ["guest.log", "qemu.log", "console.log"]
    .map((name) => join(shared, name))
    .filter((path) => existsSync(path))
    .map((path) => `\n-- ${path}\n${readFileSync(path, "utf8").slice(-2000)}`)
    .join("");
}
