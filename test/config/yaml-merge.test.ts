import fc from "fast-check";
import { describe, expect, it } from "vitest";
import Type from "typebox";
import { parseDocument } from "yaml";
import type { JsonSchema } from "../../src/config/json-schema.ts";
import { mergedNode } from "../../src/config/yaml-merge.ts";

/** The text with another value as the whole document. */
function merged(text: string, value: unknown, schema: JsonSchema = {}): string {
  const document = parseDocument(text, { version: "1.2" });
  document.contents = mergedNode(document, document.contents, {
    value,
    schema,
  }) as typeof document.contents;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

const SCHEME = `# my switches
fan:
  # the blue wire
  pin: 17 # header 11
  mode: output
door:
  pin: 4
  mode: input
`;

describe("mergedNode", () => {
  it("changes one value deep inside and leaves everything else as it is written", () => {
    const value = { fan: { pin: 18, mode: "output" }, door: { pin: 4, mode: "input" } };
    expect(merged(SCHEME, value)).toBe(SCHEME.replace("pin: 17", "pin: 18"));
  });

  it("adds, removes and reorders keys as in the value", () => {
    const value = { door: { pin: 4, mode: "input" }, lamp: { pin: 5, mode: "output" } };
    expect(merged(SCHEME, value)).toBe(
      "door:\n  pin: 4\n  mode: input\nlamp:\n  pin: 5\n  mode: output\n",
    );
  });

  it("keeps the comments of what has only got another name", () => {
    const value = { vent: { pin: 17, mode: "output" }, door: { pin: 4, mode: "input" } };
    expect(merged(SCHEME, value)).toBe(SCHEME.replace("fan:", "vent:"));
  });

  const ROWS = `# top
- ["#Fan", fan] # first
- []
- ["#Door", door] # last
`;

  it("moves the comments of rows with them, and drops those of removed ones", () => {
    const [fan, door] = [
      ["#Fan", "fan"],
      ["#Door", "door"],
    ];
    expect(merged(ROWS, [door, fan])).toContain('- ["#Door", door] # last');
    expect(merged(ROWS, [door, fan])).toContain('- ["#Fan", fan] # first');
    expect(merged(ROWS, [door, ["#New", "lamp"], ["more"], []])).not.toContain("# first");
  });

  it("keeps the comment of an item that was changed in its place", () => {
    expect(merged(ROWS, [["#Fan", "fan|Go"], [], ["#Door", "door"]])).toBe(
      ROWS.replace("fan]", "fan|Go]"),
    );
  });

  it("says nothing that is so anyway, but leaves what was said", () => {
    const schema = Type.Array(
      Type.Object({
        url: Type.String(),
        port: Type.Integer({ default: 80 }),
        tls: Type.Boolean({ default: false }),
      }),
    );
    const before = "- url: a\n  port: 80 # the usual one\n- url: b\n";
    const value = [
      { url: "c", port: 81, tls: false },
      { url: "a", port: 80, tls: false },
      { url: "b", port: 80, tls: true },
    ];
    expect(merged(before, value, schema)).toBe(
      "- url: c\n  port: 81\n- url: a\n  port: 80 # the usual one\n- url: b\n  tls: true\n",
    );
  });

  it("always becomes the value, whatever was there", () => {
    // Minus nought is none in JSON.
    const json = fc
      .json({ maxDepth: 3 })
      .map((text): unknown => JSON.parse(text.replaceAll("-0", "0")));
    fc.assert(
      fc.property(json, json, (before, after) => {
        const text = merged(JSON.stringify(before), after);
        expect(parseDocument(text, { version: "1.2" }).toJS()).toEqual(after);
      }),
      { numRuns: 200 },
    );
  });
});
