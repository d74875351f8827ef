import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readKvm } from "../../../src/protocol/komari/read-kvm.ts";

const KVM = {
  power: "on",
  picture: "live",
  width: 1920,
  height: 1080,
  input: "online",
  health: "warning",
  problems: ["The power supply is too weak"],
  consoleUrl: "https://kvm.example/console",
} as const;
const NOTHING = {
  power: "unknown",
  picture: "unknown",
  width: 0,
  height: 0,
  input: "unknown",
  health: "unknown",
  problems: [],
  consoleUrl: "",
} as const;

describe("the KVM part of a report", () => {
  it("is what our own agent says", () => {
    expect(readKvm({ cpu: { usage: 1 }, kvm: KVM })).toEqual(KVM);
  });

  it("is not there in the report of a stock agent", () => {
    expect(readKvm({ cpu: { usage: 1 } })).toBeUndefined();
    expect(readKvm(undefined)).toBeUndefined();
    expect(readKvm({ kvm: ["on"] })).toBeUndefined();
  });

  it("of a newer agent may have words that are unknown here", () => {
    expect(readKvm({ kvm: { power: "sleeping", picture: "4k", problem: 1 } })).toEqual(NOTHING);
  });

  it("is bounded", () => {
    const long = "x".repeat(10_000);
    const part = {
      ...KVM,
      width: 1e9,
      height: -1,
      problems: Array.from({ length: 99 }, () => long),
    };
    const read = readKvm({ kvm: part });
    expect(read).toMatchObject({ width: 0, height: 0 });
    expect(read?.problems).toHaveLength(16);
    expect(read?.problems.join("")).toHaveLength(16 * 256);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//kvm.example/",
    "/console",
    "https://admin:secret@kvm.example/",
    `https://kvm.example/${"x".repeat(600)}`,
    7,
  ])("leads nowhere but to web addresses, not to %s", (consoleUrl) => {
    expect(readKvm({ kvm: { ...KVM, consoleUrl } })?.consoleUrl).toBe("");
  });

  it("is never more than its words, whatever is sent", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(KVM)), fc.jsonValue()), (kvm) => {
        const read = readKvm({ kvm });
        expect(Object.keys(read ?? {})).toEqual(Object.keys(KVM));
        expect(JSON.stringify(read).length).toBeLessThan(20_000);
      }),
    );
  });
});
