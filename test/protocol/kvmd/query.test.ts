import { describe, expect, it } from "vitest";
import { queryOf, rawOf } from "../../../src/protocol/kvmd/query.ts";
import { KvmdValidatorError } from "../../../src/protocol/kvmd/validators.ts";

describe("queryOf", () => {
  it("passes plain parameters on without a copy", () => {
    const parsed = { a: "1", b: "" };
    expect(queryOf(parsed)).toBe(parsed);
  });

  it("takes the first value of a repeated parameter", () => {
    expect(queryOf({ a: ["1", "2"], b: "3" })).toEqual({ a: "1", b: "3" });
  });

  it("treats values of other types as missing", () => {
    expect(queryOf({ a: 1, b: [] })).toEqual({});
  });

  it.each([[undefined], [null], ["text"], [3]])("is empty for %j", (parsed) => {
    expect(queryOf(parsed)).toEqual({});
  });
});

describe("rawOf", () => {
  it.each([
    ["x", "x"],
    [true, "true"],
    [false, "false"],
    [-5, "-5"],
    [1.5, "1.5"],
    [null, undefined],
    [undefined, undefined],
  ])("turns %j into %j", (value, raw) => {
    expect(rawOf(value)).toBe(raw);
  });

  it.each([[{}], [[]], [Symbol("x")]])("refuses %s", (value) => {
    expect(() => rawOf(value)).toThrow(KvmdValidatorError);
  });
});
