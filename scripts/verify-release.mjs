// node scripts/verify-release.mjs FOLDER --key FILE [--installed VERSION] [--only FILE ...]
// Says whether the folder holds a release as its makers signed it. Needs nothing but Node.js.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { verifyRelease } from "./release/verify.mjs";

const USAGE =
  "Usage: node scripts/verify-release.mjs FOLDER --key PUBLIC_KEY [--installed VERSION] [--only FILE ...]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: "string" },
    installed: { type: "string" },
    only: { type: "string", multiple: true },
  },
});
const [folder] = positionals;

if (folder === undefined || values.key === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    const publicKey = await readFile(values.key, "utf8");
    const { installed, only } = values;
    const { version, commit, files } = await verifyRelease(folder, {
      publicKey,
      ...(installed === undefined ? {} : { installed }),
      ...(only === undefined ? {} : { only }),
    });
    const count = only?.length ?? files.length;
    console.log(`Farhand ${version} (${commit.slice(0, 12)}): ${count} files, signed and complete`);
  } catch (error) {
    console.error(`REFUSED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
