import { describe, expect, it } from "vitest";
import { codeOnly, commentsOf, importsOf } from "./source-text.ts";

describe("importsOf", () => {
  it("finds static, type, side-effect, re-exporting and dynamic imports", () => {
    const source = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import { type C, type D } from "./c.ts";',
      'import { type E, f } from "./e.ts";',
      'import "./side.ts";',
      'export * from "./all.ts";',
      'import {\n  g,\n} from "./g.ts";',
      'const h = await import("./h.ts");',
      'type I = typeof import("./i.ts");',
      '// import "./comment.ts";',
      "const source = `",
      'import { k } from "./template.ts";',
      "`;",
      "const text = 'import(\"./quoted.ts\")';",
    ].join("\n");
    expect(
      importsOf(source).map(
        ({ specifier, isType, isDynamic, isReexportOfAll }) =>
          `${specifier}${isType ? " type" : ""}${isDynamic ? " dynamic" : ""}${isReexportOfAll ? " all" : ""}`,
      ),
    ).toEqual([
      "./a.ts",
      "./b.ts type",
      "./c.ts type",
      "./e.ts",
      "./side.ts",
      "./all.ts all",
      "./g.ts",
      "./h.ts dynamic",
      "./i.ts type dynamic",
    ]);
  });
});

describe("codeOnly", () => {
  it("blanks comments, strings, templates and regular expressions and keeps every position", () => {
    const source = 'const a = "x!"; // y!\nconst b = `z!`; /* w! */ const c = /[/"]!/g.test(a);';
    const code = codeOnly(source);
    expect(code).toHaveLength(source.length);
    expect(code).not.toContain("!");
    expect(code.split("\n")[1]).toContain(".test(a);");
  });

  it("takes a division for a division", () => {
    expect(codeOnly("const half = total / 2; const third = total / 3;")).toBe(
      "const half = total / 2; const third = total / 3;",
    );
  });
});

describe("commentsOf", () => {
  it("does not take an address in a string for a comment", () => {
    expect(commentsOf('const a = "https://example.org"; // b')).toEqual(["// b"]);
  });
});
