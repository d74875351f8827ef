// Says whether the folder holds a release as its makers signed it. Needs nothing but Node.js.
import { readFile } from "node:fs/promises";
import { readOptions, refuse } from "./options.mjs";
import { verifyRelease } from "./release/verify.mjs";

const USAGE = `Usage: node scripts/verify-release.mjs FOLDER --key PUBLIC_KEY
         [--installed VERSION]   refuses what is older
         [--only FILE ...]       where the other files of the release were not downloaded`;

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    key: { type: "string" },
    installed: { type: "string" },
    only: { type: "string", multiple: true },
  },
});
const [folder] = positionals;

if (folder === undefined || values.key === undefined) refuse(USAGE);

try {
  const publicKey = await readFile(values.key, "utf8");
  const { installed, only } = values;
  const { version, commit, files } = await verifyRelease(folder, {
    publicKey,
    ...(installed === undefined ? {} : { installed }),
    ...(only === undefined ? {} : { only }),
  });
  const count = only?.length ?? files.length;
  const what = count === 1 ? "1 file" : `${count} files`;
  console.log(`Farhand ${version} (${commit.slice(0, 12)}): ${what}, signed and complete`);
} catch (error) {
  console.error(`REFUSED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
