import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY, sourcesUnder } from "../support/source-tree.ts";

const DOCUMENTS = [
  "README.md",
  "src/README.md",
  "test/README.md",
  "scripts/README.md",
  "system/README.md",
  "system/README.zh-CN.md",
  "system/CHANGELOG.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
];

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), "utf8");
}

/** Everything in backquotes that is a path of the repository's own folders. */
function mentionedPaths(path: string, text: string): readonly string[] {
  const top = path.startsWith("src/") ? readdirSync(join(REPOSITORY, "src")) : [];
  const roots = new Set(["src", "test", "scripts", "system", ".github", ...top]);
  return [...text.matchAll(/`([\w./-]+)`/g)]
    .map(([, mentioned = ""]) => mentioned)
    .filter((mentioned) => roots.has(mentioned.split("/")[0] ?? "") && mentioned.includes("/"));
}

describe.each(DOCUMENTS)("%s", (path) => {
  it("links to files that exist", () => {
    const links = [...read(path).matchAll(/\]\(([^)#]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !target.includes("://"));
    expect(links.filter((target) => !existsSync(join(REPOSITORY, dirname(path), target)))).toEqual(
      [],
    );
  });

  it("names paths that exist", () => {
    const missing = mentionedPaths(path, read(path)).filter(
      (mentioned) =>
        !existsSync(join(REPOSITORY, mentioned)) && !existsSync(join(REPOSITORY, "src", mentioned)),
    );
    expect(missing).toEqual([]);
  });
});

/** Packages that the source imports, native ones included. */
function importedPackages(): readonly string[] {
  const specifiers = sourcesUnder("src", /\.ts$/).flatMap(({ imports }) =>
    imports.filter(({ isType }) => !isType).map(({ specifier }) => specifier),
  );
  const names = specifiers
    .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
  return [...new Set(names)].sort();
}

describe("README.md", () => {
  it("gives a reason for every package that the source imports", () => {
    const named = new Set(
      [...read("README.md").matchAll(/^\| ([^|]+?) +\| [^|]+\|$/gm)]
        .flatMap(([, cell = ""]) => cell.replace(" (optional)", "").split(", "))
        .map((name) => name.trim()),
    );
    expect(importedPackages().filter((name) => !named.has(name))).toEqual([]);
  });
});
