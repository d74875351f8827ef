import { describe, expect, it } from "vitest";
import { onlineName, parseStatName, statPattern } from "../../../src/protocol/xray/stat-name.ts";

describe("names of counters", () => {
  it("have four parts", () => {
    expect(parseStatName("user>>>42>>>traffic>>>uplink")).toEqual({
      name: "42",
      link: "traffic",
      type: "uplink",
    });
  });

  it.each([
    "",
    "user",
    "user>>>42",
    "user>>>42>>>traffic",
    "user>>>>>>traffic>>>uplink",
    "user>>>42>>>>>>x",
    "user>>>42>>>traffic>>>",
  ])("are not '%s'", (name) => {
    expect(parseStatName(name)).toBeUndefined();
  });

  it("are asked for by what they have in common", () => {
    expect(statPattern("outbound")).toBe("outbound>>>");
    expect(statPattern("user", "42")).toBe("user>>>42>>>");
    expect(onlineName("42")).toBe("user>>>42>>>online");
  });
});
