import { describe, expect, it } from "vitest";
import { readKvmAlert } from "../../../src/hub/alerts/kvm-judge.ts";
import type { KvmStatus } from "../../../src/protocol/fleet/live.ts";

const GOOD: KvmStatus = {
  power: "on",
  picture: "live",
  width: 1920,
  height: 1080,
  input: "online",
  health: "good",
  problems: [],
  consoleUrl: "",
};
const UNKNOWN = { power: "unknown", picture: "unknown", health: "unknown" } as const;

describe("what a KVM says", () => {
  it.each([
    ["poweredOff", { power: "off" }, true],
    ["poweredOff", {}, false],
    ["poweredOff", UNKNOWN, undefined],
    ["poweredOn", {}, true],
    ["poweredOn", { power: "off" }, false],
    ["poweredOn", UNKNOWN, undefined],
    ["noPicture", { picture: "noSignal" }, true],
    ["noPicture", { picture: "missing" }, true],
    ["noPicture", {}, false],
    // Nobody looks, so nothing is known.
    ["noPicture", { picture: "idle" }, undefined],
    ["noPicture", UNKNOWN, undefined],
    // A computer that is off has no picture to lose.
    ["noPicture", { power: "off", picture: "noSignal" }, false],
    ["unhealthy", { health: "warning" }, true],
    ["unhealthy", {}, false],
    ["unhealthy", UNKNOWN, undefined],
  ] as const)("%s with %j is %s", (alert, part, expected) => {
    expect(readKvmAlert(alert, { ...GOOD, ...part })).toBe(expected);
  });
});
