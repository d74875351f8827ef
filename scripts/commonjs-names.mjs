import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { ROOT } from "./root.mjs";

const NAMESPACE = "commonjs-names";
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** Whether Node.js would run the file as CommonJS. @param {string} file */
function isCommonJs(file) {
  if (file.endsWith(".cjs")) return true;
  if (!file.endsWith(".js")) return false;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      /** @type {{ type?: string }} */
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return manifest.type !== "module";
    } catch {
      // The manifest is further up.
    }
  }
  return true;
}

/** @param {string} name @returns {readonly string[]} */
function exportedNames(name) {
  try {
    /** @type {object} */
    const exported = createRequire(join(ROOT, "package.json"))(name);
    return Object.keys(exported).filter((key) => key !== "default" && IDENTIFIER.test(key));
  } catch {
    // A package that needs a polyfill to be loaded: its importer takes the default export.
    return [];
  }
}

/** The module that stands between a dynamic import and a CommonJS package. @param {string} name */
function bridgeTo(name) {
  const names = exportedNames(name);
  const source = JSON.stringify(name);
  if (names.length === 0) return `import all from ${source}; export default all;`;
  return [
    `import * as namespace from ${source};`,
    // What was compiled from a module is the namespace itself, everything else its default export.
    "const all = namespace.__esModule ? namespace : namespace.default;",
    "export default all;",
    `export const { ${names.join(", ")} } = all;`,
  ].join("\n");
}

/**
 * Gives `await import("package")` the named exports that Node.js gives it. By itself esbuild turns a CommonJS package
 * into a chunk with a default export only, so that code would work unbundled and fail bundled.
 * @type {import("esbuild").Plugin}
 */
export const commonJsNames = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir }) => {
      if (kind !== "dynamic-import" || isBuiltin(path)) return undefined;
      const found = await build.resolve(path, { kind: "import-statement", importer, resolveDir });
      const isBundled = found.errors.length === 0 && !found.external;
      return isBundled && isCommonJs(found.path) ? { path, namespace: NAMESPACE } : undefined;
    });
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
      contents: bridgeTo(path),
      resolveDir: ROOT,
    }));
  },
};
