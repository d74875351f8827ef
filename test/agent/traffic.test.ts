import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTrafficRecord, periodStartOf, TrafficMeter } from "../../src/agent/traffic.ts";
import type { TrafficOptions, TrafficRecord } from "../../src/agent/traffic.ts";

const KEEPS = { komari: () => true, nezha: (name: string) => name !== "tun0" };
const NOW = new Date(2026, 4, 20, 12).getTime();

function meterOf(part: Partial<TrafficOptions> = {}): TrafficMeter {
  return new TrafficMeter({
    keeps: KEEPS,
    rotationDay: 0,
    bootId: "a",
    record: undefined,
    ...part,
  });
}

const eth = (receivedBytes: number, sentBytes: number, name = "eth0") => ({
  name,
  receivedBytes,
  sentBytes,
});

describe("traffic", () => {
  it("has no rate at first, then the difference by the time that really passed", () => {
    const meter = meterOf();
    const first = meter.read({ interfaces: [eth(1000, 500)], now: NOW, monotonicMs: 0 });
    expect(first.komari).toMatchObject({ receivedBytes: 1000, receivedBytesPerSecond: 0 });
    const second = meter.read({ interfaces: [eth(3000, 1500)], now: NOW, monotonicMs: 2000 });
    expect(second.komari).toEqual({
      receivedBytes: 3000,
      sentBytes: 1500,
      receivedBytesPerSecond: 1000,
      sentBytesPerSecond: 500,
      receivedSinceStartBytes: 2000,
      sentSinceStartBytes: 1000,
    });
  });

  it("counts by the rule of each protocol", () => {
    const meter = meterOf();
    meter.read({ interfaces: [eth(0, 0), eth(0, 0, "tun0")], now: NOW, monotonicMs: 0 });
    const interfaces = [eth(10, 20), eth(100, 200, "tun0")];
    const { komari, nezha } = meter.read({ interfaces, now: NOW, monotonicMs: 1000 });
    expect([komari.receivedBytes, nezha.receivedBytes]).toEqual([110, 10]);
    expect([komari.sentBytesPerSecond, nezha.sentBytesPerSecond]).toEqual([220, 20]);
  });

  it("shows no leap when counters begin anew", () => {
    const meter = meterOf();
    meter.read({ interfaces: [eth(1e12, 1e12)], now: NOW, monotonicMs: 0 });
    const { komari } = meter.read({ interfaces: [eth(50, 70)], now: NOW, monotonicMs: 1000 });
    expect(komari).toMatchObject({ receivedBytesPerSecond: 50, sentBytesPerSecond: 70 });
  });

  it("never goes back or below nothing, whatever the counters do", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean())), (steps) => {
        const meter = meterOf({ rotationDay: 1 });
        let before = 0;
        steps.forEach(([received, sent, isThere], index) => {
          const interfaces = isThere ? [eth(received, sent)] : [];
          const { komari } = meter.read({ interfaces, now: NOW, monotonicMs: index * 1000 });
          expect(komari.receivedBytesPerSecond).toBeGreaterThanOrEqual(0);
          expect(komari.receivedSinceStartBytes).toBeGreaterThanOrEqual(before);
          before = komari.receivedSinceStartBytes;
        });
      }),
    );
  });
});

describe("totals of the month", () => {
  const record = (part: Partial<TrafficRecord> = {}): TrafficRecord => ({
    periodStart: periodStartOf(5, NOW),
    bootId: "a",
    sums: { komari: { received: 700, sent: 70 }, nezha: { received: 7, sent: 1 } },
    counters: { eth0: { received: 1000, sent: 100 } },
    ...part,
  });

  it("begin at nothing", () => {
    const meter = meterOf({ rotationDay: 5 });
    meter.read({ interfaces: [eth(9000, 900)], now: NOW, monotonicMs: 0 });
    const { komari } = meter.read({ interfaces: [eth(9500, 950)], now: NOW, monotonicMs: 1000 });
    expect([komari.receivedBytes, komari.sentBytes]).toEqual([500, 50]);
  });

  it("go on after a restart of the daemon, with what was moved in between", () => {
    const meter = meterOf({ rotationDay: 5, record: record() });
    const { komari } = meter.read({ interfaces: [eth(1600, 160)], now: NOW, monotonicMs: 0 });
    expect([komari.receivedBytes, komari.sentBytes]).toEqual([1300, 130]);
    expect(komari.receivedBytesPerSecond).toBe(0);
  });

  it("go on after a restart of the machine, whose counters are all new", () => {
    const meter = meterOf({ rotationDay: 5, bootId: "b", record: record() });
    const { komari } = meter.read({ interfaces: [eth(5000, 500)], now: NOW, monotonicMs: 0 });
    expect([komari.receivedBytes, komari.sentBytes]).toEqual([5700, 570]);
  });

  it("begin anew on their day, once the clock has been right for a while", () => {
    const meter = meterOf({ rotationDay: 5, record: record() });
    const next = new Date(2026, 5, 5, 0, 0, 1).getTime();
    meter.read({ interfaces: [eth(1000, 100)], now: next, monotonicMs: 0 });
    const early = meter.read({ interfaces: [eth(1001, 100)], now: next, monotonicMs: 60_000 });
    expect(early.komari.receivedBytes).toBe(701);
    const late = meter.read({ interfaces: [eth(1003, 100)], now: next, monotonicMs: 120_000 });
    expect(late.komari.receivedBytes).toBe(2);
  });

  it("are not lost to a clock that jumps ahead and back, or that starts in 1970", () => {
    const meter = meterOf({ rotationDay: 5, record: record() });
    const wrong = new Date(2031, 1, 1).getTime();
    meter.read({ interfaces: [eth(1000, 100)], now: wrong, monotonicMs: 0 });
    meter.read({ interfaces: [eth(1000, 100)], now: NOW, monotonicMs: 119_000 });
    meter.read({ interfaces: [eth(1000, 100)], now: 0, monotonicMs: 500_000 });
    const { komari } = meter.read({ interfaces: [eth(1000, 100)], now: NOW, monotonicMs: 900_000 });
    expect(komari.receivedBytes).toBe(700);
  });

  it("are remembered with the interfaces that are present, and no others", () => {
    const meter = meterOf({ rotationDay: 5 });
    for (let index = 0; index < 50; index += 1) {
      const interfaces = [eth(index, index), eth(1, 1, `veth${index}`)];
      meter.read({ interfaces, now: NOW, monotonicMs: index * 1000 });
    }
    expect(Object.keys(meter.record?.counters ?? {})).toEqual(["eth0", "veth49"]);
    expect(parseTrafficRecord(JSON.stringify(meter.record))).toEqual(meter.record);
  });

  it("are not kept when there is no such day", () => {
    const meter = meterOf();
    meter.read({ interfaces: [eth(1, 1)], now: NOW, monotonicMs: 0 });
    expect(meter.record).toBeUndefined();
  });
});

describe("begin of a period", () => {
  it.each([
    [1, new Date(2026, 4, 20), new Date(2026, 4, 1)],
    [20, new Date(2026, 4, 20), new Date(2026, 4, 20)],
    [21, new Date(2026, 4, 20), new Date(2026, 3, 21)],
    // April has no 31st: the 1st of May stands for it.
    [31, new Date(2026, 4, 20), new Date(2026, 4, 1)],
    [31, new Date(2026, 4, 31), new Date(2026, 4, 31)],
    // February neither.
    [30, new Date(2026, 2, 15), new Date(2026, 2, 1)],
    [31, new Date(2026, 0, 1), new Date(2025, 11, 31)],
  ])("with day %i on %s is %s", (day, now, start) => {
    expect(new Date(periodStartOf(day, now.getTime()))).toEqual(start);
  });

  it("is never in the future and at most two months ago", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 31 }),
        fc.date({ noInvalidDate: true, min: new Date(2000, 0), max: new Date(2100, 0) }),
        (day, date) => {
          const now = date.getTime();
          const start = periodStartOf(day, now);
          expect(start).toBeLessThanOrEqual(now);
          expect(now - start).toBeLessThan(63 * 86_400_000);
        },
      ),
    );
  });
});

describe("record of the traffic", () => {
  it.each([
    ["nothing", undefined],
    ["no JSON", "{"],
    ["another thing", "[]"],
    [
      "a sum that is no figure",
      '{"periodStart":1,"bootId":"a","sums":{"komari":{"received":"1","sent":1},"nezha":{"received":1,"sent":1}},"counters":{}}',
    ],
    [
      "a negative counter",
      '{"periodStart":1,"bootId":"a","sums":{"komari":{"received":1,"sent":1},"nezha":{"received":1,"sent":1}},"counters":{"a":{"received":-1,"sent":0}}}',
    ],
  ])("is not taken from %s", (_, text) => {
    expect(parseTrafficRecord(text)).toBeUndefined();
  });
});
