import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cpuPercent,
  decodeThrottling,
  parseCpuInfo,
  parseCpuTicks,
  parseMemory,
  parseThrottlingWord,
  parseUptime,
  undervoltageWord,
} from "../../../src/platform/host/parse.ts";

describe("parseCpuTicks", () => {
  it("counts waiting for disks as idle and does not count guest time twice", () => {
    expect(parseCpuTicks("cpu  100 10 30 800 50 4 5 1 70 7\ncpu0 1 1 1 1\n")).toEqual({
      busy: 150,
      total: 1000,
    });
  });

  it("accepts the short line of old kernels", () => {
    expect(parseCpuTicks("cpu 1 2 3 4\n")).toEqual({ busy: 6, total: 10 });
  });

  it("has no answer for anything else", () => {
    for (const text of ["", "cpu", "cpu  1 2\n", "cpu a b c d\n", "cpu0 1 2 3 4\n"]) {
      expect(parseCpuTicks(text)).toBeUndefined();
    }
  });
});

describe("cpuPercent", () => {
  const from = { busy: 100, total: 1000 };

  it("truncates to whole percent", () => {
    expect(cpuPercent(from, { busy: 102, total: 1003 })).toBe(66);
  });

  it("has no answer when no tick passed or the counters went back", () => {
    expect(cpuPercent(from, from)).toBeUndefined();
    expect(cpuPercent(from, { busy: 90, total: 1100 })).toBeUndefined();
    expect(cpuPercent(from, { busy: 0, total: 10 })).toBeUndefined();
  });

  it("stays within 0 to 100", () => {
    const ticks = fc.record({ busy: fc.nat(), total: fc.nat() });
    fc.assert(
      fc.property(ticks, ticks, (before, now) => {
        const percent = cpuPercent(before, now) ?? 0;
        expect(percent).toBeGreaterThanOrEqual(0);
        expect(percent).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe("parseMemory", () => {
  it("gives bytes", () => {
    expect(parseMemory("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")).toEqual({
      total: 1_024_000,
      available: 409_600,
    });
  });

  it("adds free memory and caches where the kernel does not say what is available", () => {
    expect(
      parseMemory("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 10 kB\nCached: 90 kB\n"),
    ).toEqual({ total: 1_024_000, available: 204_800 });
  });

  it("has no answer without a total", () => {
    expect(parseMemory("")).toBeUndefined();
    expect(parseMemory("MemTotal: 0 kB\n")).toBeUndefined();
  });
});

describe("parseUptime", () => {
  it("gives whole seconds", () => {
    expect(parseUptime("65425.93 246012.10\n")).toBe(65_425);
  });

  it("has no answer for anything else", () => {
    expect(parseUptime("")).toBeUndefined();
    expect(parseUptime("-1")).toBeUndefined();
  });
});

describe("parseCpuInfo", () => {
  it("finds the first value of a name", () => {
    expect(parseCpuInfo("model name\t: a: b\nSerial\t\t: 1\nSerial\t: 2\n", "Serial")).toBe("1");
    expect(parseCpuInfo("model name\t: a: b\n", "model name")).toBe("a: b");
    expect(parseCpuInfo("Model\t:\n", "Model")).toBeUndefined();
    expect(parseCpuInfo("no colon\n", "Model")).toBeUndefined();
  });
});

describe("parseThrottlingWord", () => {
  it.each([
    ["throttled=0x50005\n", 0x50005],
    ["throttled=0x0", 0],
    ["50005\n", 0x50005],
    ["0xE0008", 0xe0008],
  ])("reads %j", (text, word) => {
    expect(parseThrottlingWord(text)).toBe(word);
  });

  it.each([
    "",
    "throttled=",
    "throttled=0xzz",
    'error=1 error_msg="Command not registered"',
    "0x1 2",
  ])("has no answer for %j", (text) => {
    expect(parseThrottlingWord(text)).toBeUndefined();
  });
});

describe("decodeThrottling", () => {
  const never = { now: false, past: false };

  it("tells what is now from what has been", () => {
    expect(decodeThrottling(0x5_0005)).toEqual({
      raw: 0x5_0005,
      undervoltage: { now: true, past: true },
      frequencyCapped: never,
      throttled: { now: true, past: true },
    });
    expect(decodeThrottling(0x2_0000)).toMatchObject({
      undervoltage: never,
      frequencyCapped: { now: false, past: true },
      throttled: never,
    });
  });

  it("keeps bits that it does not know in the raw word only", () => {
    expect(decodeThrottling(0x8_0008)).toEqual({
      raw: 0x8_0008,
      undervoltage: never,
      frequencyCapped: never,
      throttled: never,
    });
  });

  it("reads back the word made of an undervoltage alarm", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (now, past) => {
        expect(decodeThrottling(undervoltageWord(now, past)).undervoltage).toEqual({ now, past });
      }),
    );
  });
});
