import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { layerOf, objection } from "./support/import-rules.ts";
import { commentsOf } from "./support/source-text.ts";
import { REPOSITORY, resolveImport, sourcesUnder } from "./support/source-tree.ts";
import type { SourceFile } from "./support/source-tree.ts";

const SOURCES = sourcesUnder("src", /\.tsx?$/);
const TESTS = sourcesUnder("test", /\.ts$/);
const SCRIPTS = sourcesUnder("scripts", /\.m?[jt]s$/);
const TEXTS = ["src", "test", "scripts", "system", ".github", ".ci"]
  .filter((folder) => existsSync(join(REPOSITORY, folder)))
  .flatMap((folder) =>
    sourcesUnder(folder, /\.(m?ts|mjs|md|json|ya?ml|service|rules|conf)$|\/run$/),
  );

/** One readable line per problem; empty when there is none. */
function listed(problems: readonly string[]): string {
  return problems.join("\n");
}

function inSource(path: string): string {
  return path.replace(/^src\//, "");
}

/** Lines (1-based) whose code matches. */
function linesMatching(text: string, pattern: RegExp): readonly number[] {
  return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
}

function findings(
  files: readonly SourceFile[],
  pattern: RegExp,
  say: (line: string) => string = (line) => line,
): readonly string[] {
  return files.flatMap((file) =>
    linesMatching(file.code, pattern).map((line) => say(`${file.path}:${line}`)),
  );
}

function isOutside(...folders: readonly string[]): (file: SourceFile) => boolean {
  return ({ path }) => !folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** The first cycle reachable through static imports, as a path of files. */
function findCycle(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter(({ specifier, isDynamic }) => specifier.startsWith(".") && !isDynamic)
        .map(({ specifier }) => resolveImport(file.path, specifier)),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe("imports", () => {
  it("follow the layer table", () => {
    expect(
      listed(
        SOURCES.flatMap((file) => {
          const layer = layerOf(inSource(file.path));
          if (layer === undefined) return [`${file.path}: belongs to no layer of the table`];
          return file.imports.flatMap((line) => {
            const reason = objection(layer, inSource(file.path), line);
            return reason === undefined ? [] : [`${file.path}: "${line.specifier}": ${reason}`];
          });
        }),
      ),
    ).toBe("");
  });

  it("name files that exist, with their extension", () => {
    expect(
      listed(
        [...SOURCES, ...TESTS].flatMap((file) =>
          file.imports
            .filter(({ specifier }) => specifier.startsWith("."))
            .filter(
              ({ specifier }) => !existsSync(join(REPOSITORY, resolveImport(file.path, specifier))),
            )
            .map(({ specifier }) => `${file.path}: "${specifier}" is not a file`),
        ),
      ),
    ).toBe("");
  });

  it("form no cycle", () => {
    expect(findCycle(SOURCES).join(" -> ")).toBe("");
  });

  it("go to the file that defines a thing, not through a barrel", () => {
    expect(
      listed([
        ...SOURCES.filter((file) => file.imports.some((line) => line.isReexportOfAll)).map(
          (file) => `${file.path}: export * from`,
        ),
        ...SOURCES.filter(
          ({ path }) => basename(path) === "index.ts" && !/^src\/api\/[^/]+\/index\.ts$/.test(path),
        ).map(({ path }) => `${path}: only a dialect has an index.ts`),
      ]),
    ).toBe("");
  });
});

describe("what only one place may touch", () => {
  it("keeps process.env inside config", () => {
    expect(listed(findings(SOURCES.filter(isOutside("src/config")), /\bprocess\.env\b/))).toBe("");
  });

  it("keeps console inside main.ts and cli", () => {
    expect(
      listed(
        findings(SOURCES.filter(isOutside("src/main.ts", "src/cli")), /(?<![.\w])console\s*\./),
      ),
    ).toBe("");
  });

  it("keeps clocks and timers inside platform and core/clock.ts", () => {
    expect(
      listed(
        findings(
          SOURCES.filter(
            isOutside("src/platform", "src/core/clock.ts", "src/main.ts", "src/cli", "src/web"),
          ),
          /(?<![.\w])(setTimeout|setInterval)\s*\(|\bDate\.now\b|\bperformance\.now\b|\bnew Date\(\s*\)/,
        ),
      ),
    ).toBe("");
  });

  it("keeps process.exit inside main.ts and cli", () => {
    expect(
      listed(
        findings(SOURCES.filter(isOutside("src/main.ts", "src/cli")), /\bprocess\.(exit|abort)\b/),
      ),
    ).toBe("");
  });
});

describe("size", () => {
  const overBudget = (files: readonly SourceFile[], limit: number): readonly string[] =>
    files
      .filter((file) => !file.isGenerated && file.lines > limit)
      .map(({ path, lines }) => `${path}: ${lines} lines, limit ${limit}`);

  it("keeps source files within 400 lines and test files within 600", () => {
    expect(listed([...overBudget(SOURCES, 400), ...overBudget([...TESTS, ...SCRIPTS], 600)])).toBe(
      "",
    );
  });

  it("keeps the files that only assemble within 80 lines", () => {
    expect(
      listed(
        overBudget(
          SOURCES.filter(({ path }) => ["src/main.ts", "src/app.ts"].includes(path)),
          80,
        ),
      ),
    ).toBe("");
  });
});

describe("types", () => {
  it("are never silenced with any", () => {
    expect(listed(findings([...SOURCES, ...TESTS], /(?:[:<,|&(]|\bas)\s*any\b(?!\s*\()/))).toBe("");
  });

  it("are never silenced with a non-null assertion", () => {
    expect(listed(findings([...SOURCES, ...TESTS], /[\w)\]]!(?:[.,;)\]}[(]|\s*$|\s[^=])/))).toBe(
      "",
    );
  });

  it("use erasable syntax only", () => {
    expect(
      listed(
        findings(
          [...SOURCES, ...TESTS],
          /^\s*(export\s+)?(declare\s+)?(const\s+)?enum\s+\w|^\s*(export\s+)?namespace\s+\w|constructor\([^)]*\b(public|private|protected|readonly)\s+\w+\??\s*:/,
        ),
      ),
    ).toBe("");
  });

  it("and lint rules are not suppressed", () => {
    const marker =
      /\b(?:oxlint|eslint)-disabl[e]|@ts-(?:ignor[e]|expect-erro[r]|nochec[k])|\b(?:v8|c8|istanbul) ignor[e]/;
    expect(
      listed(
        [...SOURCES, ...TESTS, ...SCRIPTS].flatMap((file) =>
          commentsOf(file.text)
            .filter((comment) => marker.test(comment))
            .map((comment) => `${file.path}: ${comment.trim()}`),
        ),
      ),
    ).toBe("");
  });
});

describe("tests", () => {
  it("are never skipped, focused or left to do", () => {
    expect(listed(findings(TESTS, /\b(?:it|test|describe)\.(?:only|todo|skip)\b/))).toBe("");
  });

  it("do not replace the project's own modules", () => {
    expect(listed(findings(TESTS, /\bvi\s*\.\s*(?:do)?(?:mock|unmock|hoisted)\b/i))).toBe("");
  });
});

describe("text", () => {
  it("names who will do what is left to do", () => {
    const vague = /\b(FIXM[E]|XX[X]|HAC[K])\b/;
    const unnamed = /\bTOD[O]\b(?!\([\w-]+\):)/;
    expect(
      listed(
        [...SOURCES, ...TESTS, ...SCRIPTS].flatMap((file) =>
          commentsOf(file.text)
            .filter((comment) => vague.test(comment) || unnamed.test(comment))
            .map((comment) => `${file.path}: ${comment.trim()}`),
        ),
      ),
    ).toBe("");
  });

  it("holds no path or host of one particular machine", () => {
    const local =
      /registry\.npm[j]s|deb\.debian\.or[g]|proxy\.golan[g]|pypi\.or[g]|(?<![\w.~-])\/(?:work|farm|root|home\/[a-z]+)\//;
    expect(
      listed(
        TEXTS.flatMap((file) =>
          linesMatching(file.text, local).map((line) => `${file.path}:${line}`),
        ),
      ),
    ).toBe("");
  });

  it("names files in kebab-case", () => {
    expect(
      listed(
        [...SOURCES, ...TESTS]
          .map(({ path }) => path)
          .filter(
            (path) =>
              !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.tsx?$/.test(
                path,
              ),
          ),
      ),
    ).toBe("");
  });
});
