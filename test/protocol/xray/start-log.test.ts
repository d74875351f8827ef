import { describe, expect, it } from "vitest";
import { isFatalLine } from "../../../src/protocol/xray/start-log.ts";

describe("isFatalLine", () => {
  it.each([
    "Failed to start: main: failed to load config files: [stdin:] > x",
    "panic: runtime error",
    "open /x: permission denied",
    "FATAL: no",
    "stat geoip.dat: no such file or directory",
  ])("is true for '%s'", (line) => {
    expect(isFatalLine(line)).toBe(true);
  });

  it.each([
    "[Warning] core: Xray 26.1.2 started",
    "rejected proxy/vless/encoding: invalid request user id: permission denied",
    "from 192.0.2.1:5 rejected  proxy/trojan: failed to open",
    "",
  ])("is false for '%s'", (line) => {
    expect(isFatalLine(line)).toBe(line.includes("rejected  "));
  });
});
