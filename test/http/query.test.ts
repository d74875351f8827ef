import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/http/query.ts";

describe("parseQuery", () => {
  it("takes the first of repeated names", () => {
    expect({ ...parseQuery("a=1&a=2&b=&c") }).toEqual({ a: "1", b: "", c: "" });
  });

  it("decodes percent signs and plus, and keeps what is not a code", () => {
    expect({ ...parseQuery("a=%C3%A4+b&c=100%&d=%zz") }).toEqual({
      a: "\u00E4 b",
      c: "100%",
      d: "%zz",
    });
  });

  it("knows no names that were not sent, not even those of objects", () => {
    const query = parseQuery("");
    expect([query["constructor"], query["toString"], query["__proto__"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("treats the names of prototypes like any other", () => {
    const query = parseQuery("__proto__=x&constructor=y");
    expect([query["__proto__"], query["constructor"]]).toEqual(["x", "y"]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("survives any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Object.values(parseQuery(text)).every((value) => typeof value === "string")).toBe(
          true,
        );
      }),
    );
  });
});
