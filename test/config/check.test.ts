import fc from "fast-check";
import Type from "typebox";
import { Check } from "typebox/value";
import { describe, expect, it } from "vitest";
import { checkValue } from "../../src/config/check.ts";
import { isTree, walkSchema } from "../../src/config/json-schema.ts";
import { mergeInputs } from "../../src/config/merge.ts";
import { ConfigSchema } from "../../src/config/schema.ts";

const anyLeaf = fc.oneof(
  fc.constantFrom("auto", "none", "", "device", "https://h", "/x", "files", 0, 1, -1, 1.5, 70_000),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({ chip: fc.string(), line: fc.integer() }, { requiredKeys: [] }),
  fc.array(fc.constantFrom("device", "hub", "https://h", 3)),
  fc.record({
    led: fc.record(
      {
        pin: fc.constantFrom(1, "a", null),
        mode: fc.constantFrom("input", "x"),
        pulse: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
  }),
);

function replaceAt(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined || !isTree(tree)) return value;
  return { ...tree, [key]: replaceAt(tree[key], rest, value) };
}

describe("checkValue", () => {
  const { tree } = mergeInputs(ConfigSchema, []);
  const paths = Array.from(walkSchema(ConfigSchema, { sections: true }), ({ path }) => path);

  it("accepts the defaults", () => {
    expect(checkValue(ConfigSchema, tree)).toEqual([]);
  });

  it("agrees with TypeBox on what a configuration is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), anyLeaf, (path, value) => {
        const changed = replaceAt(tree, path, value);
        expect(checkValue(ConfigSchema, changed).length === 0).toBe(Check(ConfigSchema, changed));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [Type.Number({ exclusiveMinimum: 0 }), 0, 0.1, "must be a number above 0"],
    [Type.String({ maxLength: 2 }), "abc", "ab", "must be a text of at most 2 characters"],
  ])("knows limits: %j", (schema, wrong, right, rule) => {
    expect(checkValue(schema, wrong)).toMatchObject([{ rule }]);
    expect(checkValue(schema, right)).toEqual([]);
  });

  it("knows every rule that the description states", () => {
    const known = new Set(
      "type enum const anyOf allOf items minItems uniqueItems minLength maxLength pattern minimum exclusiveMinimum maximum".split(
        " ",
      ),
    );
    const notes = new Set(
      "default description writeOnly ~kind properties patternProperties additionalProperties required".split(
        " ",
      ),
    );
    const stated = Array.from(walkSchema(ConfigSchema, { sections: true })).flatMap(({ schema }) =>
      [schema, schema.items ?? {}, ...(schema.anyOf ?? [])].flatMap((part) => Object.keys(part)),
    );
    expect(stated.filter((word) => !known.has(word) && !notes.has(word))).toEqual([]);
  });

  it("refuses numbers that are no numbers", () => {
    expect(checkValue(Type.Number(), Number.NaN)).toHaveLength(1);
    expect(checkValue(Type.Number({ minimum: 0 }), Infinity)).toHaveLength(1);
  });

  it("describes a choice by all of its members", () => {
    const schema = Type.Union([Type.Literal("auto"), Type.Integer({ minimum: 5 })]);
    expect(checkValue(schema, true)).toEqual([
      { path: [], value: true, rule: 'must be "auto" or a whole number, at least 5' },
    ]);
  });

  it("points at the item of a list", () => {
    const findings = checkValue(Type.Array(Type.Integer()), [1, "x"], ["list"]);
    expect(findings).toEqual([{ path: ["list", "1"], value: "x", rule: "must be a whole number" }]);
  });

  it("refuses names that do not fit the form", () => {
    const schema = Type.Record(Type.String({ pattern: "^[a-z]+$" }), Type.Unknown(), {
      additionalProperties: false,
    });
    expect(checkValue(schema, { ok: 1, "9": 1 })).toMatchObject([{ path: ["9"], value: "9" }]);
  });
});
