import { describe, expect, it } from "vitest";
import { encodeGauges, gaugesOf, metricName } from "../../../src/protocol/prometheus/text.ts";

describe("encodeGauges", () => {
  it("writes type and sample, with an empty line between metrics", () => {
    expect(
      encodeGauges([
        { name: "a", value: true },
        { name: "b", value: 5.6 },
        { name: "c", value: false },
      ]),
    ).toBe("# TYPE a gauge\na 1\n\n# TYPE b gauge\nb 5.6\n\n# TYPE c gauge\nc 0\n");
  });

  it("spells numbers that JavaScript spells differently", () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const text = encodeGauges(values.map((value) => ({ name: "x", value })));
    expect(text.match(/^x .*$/gm)).toEqual(["x NaN", "x +Inf", "x -Inf"]);
  });

  it("is empty without metrics", () => {
    expect(encodeGauges([])).toBe("");
  });
});

describe("gaugesOf", () => {
  it("walks sorted keys, joins names and skips what is no number", () => {
    const tree = { b: { z: 1, a: false }, a: 2, text: "x", none: null, list: [1] };
    expect(gaugesOf("p", tree)).toEqual([
      { name: "p_a", value: 2 },
      { name: "p_b_a", value: false },
      { name: "p_b_z", value: 1 },
    ]);
  });

  it("leaves out the names of transparent levels but keeps their place in the order", () => {
    const tree = { raw: 0, inner: { now: true }, first: 1 };
    expect(gaugesOf("p", tree, new Set(["inner"])).map(({ name }) => name)).toEqual([
      "p_first",
      "p_now",
      "p_raw",
    ]);
  });

  it("makes keys fit for metric names", () => {
    expect(metricName("led-two.x")).toBe("led_two_x");
    expect(gaugesOf("p", { "a-b": 1 })[0]?.name).toBe("p_a_b");
  });
});
