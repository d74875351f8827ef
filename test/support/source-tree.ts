import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { codeOnly, importsOf } from "./source-text.ts";
import type { ImportLine } from "./source-text.ts";

export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** One text file of the repository. */
export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** Without comments and the insides of strings. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly ImportLine[];
  /** Made by a program; says so in its first lines. */
  readonly isGenerated: boolean;
}

function pathsUnder(folder: string): readonly string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : pathsUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(REPOSITORY, path), "utf8");
  const head = text.split("\n", 3).join("\n");
  return {
    path,
    text,
    code: codeOnly(text),
    lines: text.split("\n").length - 1,
    imports: importsOf(text),
    isGenerated: /\bgenerated (by|from)\b/i.test(head),
  };
}

/** Files below a folder whose names match. */
export function sourcesUnder(folder: string, names: RegExp): readonly SourceFile[] {
  return pathsUnder(folder)
    .filter((path) => names.test(path))
    .map(readSource);
}

/** The repository path that a relative import means. */
export function resolveImport(from: string, specifier: string): string {
  return relative(REPOSITORY, join(REPOSITORY, dirname(from), specifier));
}
