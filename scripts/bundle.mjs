// How the daemon is bundled: one chunk per dynamically imported part, native addons left outside.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { build as bundle, stop } from "esbuild";
import { buildWeb } from "./bundle-web.mjs";
import { commonJsNames } from "./commonjs-names.mjs";
import { ROOT } from "./root.mjs";

const NATIVE = [
  "serialport",
  "@serialport/bindings-cpp",
  "onoff",
  "epoll",
  "node-pty",
  "koffi",
  "better-sqlite3",
];

/** Shared by the build, the watch mode and the benchmark. @type {import("esbuild").BuildOptions} */
export const buildOptions = {
  absWorkingDir: ROOT,
  entryPoints: {
    main: "src/main.ts",
    // A thread of its own, started by platform/picture.
    "picture-worker": "src/platform/picture/picture-worker.ts",
    // Likewise, by hub/series.
    "hub-storage-worker": "src/hub/series/worker.ts",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "external",
  external: NATIVE,
  // Names of chunks come from the paths of what is in them: these must not depend on where packages really lie.
  preserveSymlinks: true,
  plugins: [commonJsNames],
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  // The engine keeps the text of every loaded module: white space would cost memory. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // CommonJS packages inside the bundle still call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

/** Replaces dist/. Needs installed packages. Says how large the pages are. */
export async function build() {
  await rm(join(ROOT, "dist"), { recursive: true, force: true });
  const [pages] = await Promise.all([buildWeb(join(ROOT, "dist", "web")), bundle(buildOptions)]);
  // Its service process would stay as long as this one, which may become the daemon.
  await stop();
  return pages;
}
