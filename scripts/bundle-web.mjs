// How the pages are bundled: hashed names, one chunk per part that is loaded when it is opened, compressed beforehand.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build as bundle } from "esbuild";
import { commonJsNames } from "./commonjs-names.mjs";
import { ROOT } from "./root.mjs";

const asGzip = promisify(gzip);
const asBrotli = promisify(brotliCompress);

/**
 * What a page is made of. `budget`: bytes of script, compressed with gzip, before it shows anything.
 * @type {readonly { entry: string, page: string, title: string, budget: number }[]}
 */
const PAGES = [
  { entry: "console", page: "console.html", title: "Console", budget: 110_000 },
  { entry: "fleet", page: "fleet.html", title: "Fleet", budget: 90_000 },
];

/** All pages; the packages ask it what they are made of. @type {import("esbuild").BuildOptions} */
export const webOptions = {
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(PAGES.map(({ entry }) => [entry, `src/web/${entry}.tsx`])),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  // As in bundle.mjs: the same names of chunks everywhere.
  preserveSymlinks: true,
  splitting: true,
  format: "esm",
  platform: "browser",
  target: ["es2022", "chrome110", "firefox115", "safari16.4"],
  tsconfig: "src/web/tsconfig.json",
  minify: true,
  metafile: true,
  plugins: [commonJsNames],
  legalComments: "none",
  logLevel: "warning",
};

/** @typedef {import("esbuild").Metafile["outputs"]} Outputs */

/** The script of a page and everything that it imports at once. @param {Outputs} outputs @param {string} first */
function loadedAtOnce(outputs, first) {
  const found = new Set([first]);
  for (const path of found) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement") found.add(next);
    }
  }
  return [...found];
}

/** @param {Outputs} outputs @param {string} entry */
function scriptOf(outputs, entry) {
  const found = Object.entries(outputs).find(
    ([, { entryPoint }]) => entryPoint === `src/web/${entry}.tsx`,
  );
  if (found === undefined) throw new Error(`There is no output for ${entry}.tsx`);
  return found[0];
}

/** Beside each file: the same compressed, for servers that send it as it is. @param {string} file */
async function compress(file) {
  const bytes = await readFile(file);
  const [small, smaller] = await Promise.all([
    asGzip(bytes, { level: 9 }),
    asBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  ]);
  await Promise.all([writeFile(`${file}.gz`, small), writeFile(`${file}.br`, smaller)]);
  return small.length;
}

/** @param {readonly string[]} scripts @param {readonly string[]} styles */
function headOf(scripts, styles) {
  const pathOf = (/** @type {string} */ file) => `/assets/${basename(file)}`;
  const [entry = "", ...more] = scripts;
  return [
    ...styles.map((file) => `<link rel="stylesheet" href="${pathOf(file)}">`),
    ...more.map((file) => `<link rel="modulepreload" href="${pathOf(file)}">`),
    `<script type="module" src="${pathOf(entry)}"></script>`,
  ].join("\n");
}

/**
 * Bundles each page by itself: what both need is small, and shared chunks would mean more requests for each.
 * @param {string} assets
 */
async function bundlePages(assets) {
  /** @type {Map<string, Outputs>} */
  const pages = new Map();
  for (const { entry } of PAGES) {
    const { metafile } = await bundle({
      ...webOptions,
      entryPoints: { [entry]: `src/web/${entry}.tsx` },
      outdir: assets,
      metafile: true,
    });
    pages.set(entry, metafile.outputs);
  }
  return pages;
}

/** Names this build of the pages: their files' names change with their content. @param {Iterable<Outputs>} pages */
function buildIdOf(pages) {
  const names = Array.from(pages, (outputs) => Object.keys(outputs).map((file) => basename(file)));
  return createHash("sha256").update(names.flat().sort().join("\n")).digest("hex").slice(0, 16);
}

/**
 * Makes the pages in a folder. Each holds the name of the build, which also lies beside them in `build-id`. Fails when
 * one has become larger than its budget.
 * @param {string} outdir
 * @returns the bytes of script of each page, compressed
 */
export async function buildWeb(outdir) {
  const assets = join(outdir, "assets");
  await mkdir(assets, { recursive: true });
  const pages = await bundlePages(assets);
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const name of await readdir(assets)) sizes.set(name, await compress(join(assets, name)));
  const buildId = buildIdOf(pages.values());
  const template = (await readFile(join(ROOT, "src", "web", "page.html"), "utf8")).replace(
    "{{build}}",
    buildId,
  );
  /** @type {Record<string, number>} */
  const pageSizes = {};
  for (const { entry, page, title, budget } of PAGES) {
    const outputs = pages.get(entry) ?? {};
    const scripts = loadedAtOnce(outputs, scriptOf(outputs, entry));
    // Also those of parts that are loaded later: a script loads no style sheet.
    const styles = Object.keys(outputs).filter((file) => file.endsWith(".css"));
    // The page's own first: theirs build on it.
    const isOwn = (/** @type {string} */ file) => basename(file).startsWith(`${entry}-`);
    styles.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
    const size = scripts.reduce((sum, name) => sum + (sizes.get(basename(name)) ?? 0), 0);
    if (size > budget) {
      throw new Error(`The page ${page} loads ${size} bytes of script, its budget is ${budget}`);
    }
    pageSizes[entry] = size;
    const html = template.replace("{{title}}", title).replace("{{head}}", headOf(scripts, styles));
    await writeFile(join(outdir, page), html);
    await compress(join(outdir, page));
  }
  await writeFile(join(outdir, "build-id"), buildId);
  return pageSizes;
}
