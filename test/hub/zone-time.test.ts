import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTimeZone, midnight, monthStart, wallTime } from "../../src/hub/zone-time.ts";

const ZONES = ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"];
const MOMENTS = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) });

describe("the clock on the wall", () => {
  it("shows the time of the zone, daylight saving included", () => {
    expect(wallTime(Date.UTC(2026, 6, 1, 22, 30), "Europe/Berlin")).toEqual({
      year: 2026,
      month: 7,
      day: 2,
      minute: 30,
    });
    expect(isTimeZone("Europe/Berlin")).toBe(true);
    expect(isTimeZone("Mars/Olympus")).toBe(false);
  });

  it("shows midnight at the midnight of every day", () => {
    fc.assert(
      fc.property(MOMENTS, fc.constantFrom(...ZONES), (at, zone) => {
        const { year, month, day } = wallTime(at, zone);
        const start = midnight({ year, month, day }, zone);
        expect(wallTime(start, zone)).toEqual({ year, month, day, minute: 0 });
        expect(at - start).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("months that begin on a given day", () => {
  it("have begun, and the next one has not", () => {
    fc.assert(
      fc.property(
        MOMENTS,
        fc.integer({ min: 1, max: 31 }),
        fc.constantFrom(...ZONES),
        (at, firstDay, zone) => {
          const start = monthStart(zone).startOf(at, firstDay);
          expect(start).toBeLessThanOrEqual(at);
          expect(at - start).toBeLessThan(32 * 86_400_000);
          const next = monthStart(zone).startOf(start + 32 * 86_400_000, firstDay);
          expect(next).toBeGreaterThan(at);
        },
      ),
    );
  });

  it("begin on the last day of months that are shorter", () => {
    const start = monthStart("UTC").startOf(Date.UTC(2026, 2, 15), 31);
    expect(start).toBe(Date.UTC(2026, 1, 28));
  });
});
