// npm start: installs what is missing, builds what changed, then becomes the daemon.
// The daemon is loaded into this process, so that Ctrl-C and SIGTERM reach it directly.
import "./node-version.mjs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./root.mjs";
import { ensureBuilt, ensureInstalled } from "./workspace.mjs";

ensureInstalled();
await ensureBuilt();

// A terminal and npm both pass Ctrl-C on: the second signal must not cut the shutdown short that the first began.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);

const main = join(ROOT, "dist", "main.js");
process.argv.splice(1, 1, main, "serve");
await import(pathToFileURL(main).href);
