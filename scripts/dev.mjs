// npm run dev: rebuilds on every change and restarts the daemon after each successful build.
import "./node-version.mjs";
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./root.mjs";
import { ensureInstalled, forgetBuild } from "./workspace.mjs";

ensureInstalled();
forgetBuild();
const [{ context }, { buildOptions }, { buildWeb }] = await Promise.all([
  import("esbuild"),
  import("./bundle.mjs"),
  import("./bundle-web.mjs"),
]);

/** @type {import("node:child_process").ChildProcess | undefined} */
let daemon;
let restarting = Promise.resolve();

/** Ends the running daemon and waits for it. */
function stop() {
  const running = daemon;
  daemon = undefined;
  if (running === undefined || running.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    running.once("exit", resolve);
    running.kill("SIGTERM");
  });
}

async function restart() {
  await stop();
  const child = spawn(
    process.execPath,
    [join(ROOT, "dist", "main.js"), "serve", ...process.argv.slice(2)],
    { cwd: ROOT, stdio: "inherit" },
  );
  child.once("exit", (code) => {
    if (child === daemon) console.log(`The daemon ended (${code}); waiting for the next change.`);
  });
  daemon = child;
}

const builder = await context({
  ...buildOptions,
  plugins: [
    ...(buildOptions.plugins ?? []),
    {
      name: "restart",
      setup(build) {
        build.onEnd(({ errors }) => {
          if (errors.length === 0) restarting = restarting.then(restart);
        });
      },
    },
  ],
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    void restarting.then(stop).then(() => process.exit(0));
  });
}
const pages = join(ROOT, "dist", "web");

/** The pages' names change with their content, so that the old ones would only pile up. */
async function rebuildPages() {
  await rm(pages, { recursive: true, force: true });
  await buildWeb(pages).catch(() => console.error("The pages could not be built."));
}

await rebuildPages();
await builder.watch();
/** @type {NodeJS.Timeout | undefined} */
let pending;
watch(join(ROOT, "src", "web"), { recursive: true }, () => {
  // Editors write a file in several steps.
  clearTimeout(pending);
  pending = setTimeout(() => {
    restarting = restarting.then(rebuildPages).then(restart);
  }, 200);
});
