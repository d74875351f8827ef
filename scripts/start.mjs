// npm start: installs what is missing, builds what changed, then becomes the daemon.
// The daemon is loaded into this process, so that Ctrl-C and SIGTERM reach it directly.
import "./node-version.mjs";
import { existsSync } from "node:fs";
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
// Without any configuration everything is shown: the console, and a fleet with this machine in it.
const isConfigured =
  process.argv.some((word) => /^--(?:config|roles)(?:=|$)/.test(word)) ||
  "FARHAND__CONFIG" in process.env ||
  "FARHAND__ROLES" in process.env ||
  existsSync("/etc/farhand/farhand.yaml");
if (!isConfigured) process.argv.push("--roles", "device,hub");
await import(pathToFileURL(main).href);
