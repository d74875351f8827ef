// Bundles the daemon into dist/: one chunk per dynamically imported part, native addons left outside.
import { rm } from "node:fs/promises";
import { context } from "esbuild";

const NATIVE = [
  "serialport",
  "@serialport/bindings-cpp",
  "onoff",
  "epoll",
  "node-pty",
  "koffi",
  "better-sqlite3",
];

/** Shared with scripts/dev.mjs. */
export const buildOptions = {
  entryPoints: { main: "src/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: "external",
  external: NATIVE,
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "warning",
  // CommonJS packages inside the bundle still call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};

export async function build() {
  await rm("dist", { recursive: true, force: true });
  const builder = await context(buildOptions);
  await builder.rebuild();
  await builder.dispose();
}

if (process.argv[1] === new URL(import.meta.url).pathname) await build();
