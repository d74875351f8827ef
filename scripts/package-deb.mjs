// Makes the Debian packages for one architecture and release; the last lines are their paths.
import "./node-version.mjs";
import { join, resolve } from "node:path";
import { readOptions } from "./options.mjs";
import { ensureInstalled } from "./workspace.mjs";
import { WORK } from "./packages/npm-archive.mjs";
import { sourceDate } from "./packages/deb.mjs";
import { ARCHITECTURES, checkSuite, needsRuntime, targetOf } from "./packages/targets.mjs";

const USAGE = `Usage: node scripts/package-deb.mjs
         [--arch ${ARCHITECTURES.join("|")}]
         [--suite bookworm|trixie]
         [--out FOLDER]       else beside this project's other products
         [--steady]           as in a release: small, and the same each time; takes a minute or two longer`;

const { values } = readOptions(USAGE, {
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
