// node scripts/package-deb.mjs --arch amd64|arm64|armhf --suite bookworm|trixie [--out FOLDER] [--steady]
// Makes the Debian packages for one architecture and release; the last lines are their paths.
// --steady: for releases, which are small and the same each time they are made; takes a minute or two longer.
import "./node-version.mjs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureInstalled } from "./workspace.mjs";
import { WORK } from "./packages/npm-archive.mjs";
import { sourceDate } from "./packages/deb.mjs";
import { checkSuite, needsRuntime, targetOf } from "./packages/targets.mjs";

const { values } = parseArgs({
  options: {
    arch: { type: "string", default: "amd64" },
    suite: { type: "string", default: "trixie" },
    steady: { type: "boolean", default: false },
    out: { type: "string", default: join(WORK, "packages") },
  },
});

try {
  const target = targetOf(values.arch);
  checkSuite(values.suite, target);
  ensureInstalled();
  const options = {
    out: resolve(values.out),
    date: sourceDate(),
    suite: values.suite,
    isSteady: values.steady,
  };
  const { makeFarhandPackage } = await import("./packages/farhand-package.mjs");
  const made = [await makeFarhandPackage(target, options)];
  if (needsRuntime(values.suite)) {
    const { makeRuntimePackage } = await import("./packages/runtime-package.mjs");
    made.push(await makeRuntimePackage(target, options));
  }
  console.log(made.join("\n"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
