import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentReports } from "../../src/hub/recent-reports.ts";
import type { ReceivedReport } from "../../src/hub/report.ts";
import { nodeReport } from "../support/hub-fixture.ts";

const START = 1_000_000_000_000;

const received = (at: number, part: Partial<ReceivedReport> = {}): ReceivedReport => ({
  ...nodeReport(part),
  at,
});

describe("RecentReports", () => {
  it("gives back every figure, list and text of a report", () => {
    const recent = new RecentReports();
    const reports = [
      received(START, { message: "fan" }),
      received(START + 1000, { temperatures: [], cpuPercent: 1.25, receivedBytes: 2 ** 52 + 1 }),
    ];
    for (const report of reports) recent.add(report);
    expect(recent.since(START + 1000)).toEqual(reports);
  });

  it("keeps the newest report of each second of the last minute, whatever comes", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 2500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, (gaps) => {
        const recent = new RecentReports();
        const newest = new Map<number, number>();
        let at = START;
        for (const gap of gaps) {
          at += gap;
          recent.add(received(at, { cpuPercent: gap % 100 }));
          newest.set(Math.floor(at / 1000), at);
        }
        const expected = [...newest.values()].filter((time) => time > at - 60_000).slice(-60);
        expect(recent.since(at).map((report) => report.at)).toEqual(expected);
      }),
    );
  });

  it("leaves out what is older than a minute, and what a clock that was set back makes of the future", () => {
    const recent = new RecentReports();
    recent.add(received(START));
    expect(recent.since(START + 60_000)).toEqual([]);
    expect(recent.since(START - 1)).toEqual([]);
    expect(recent.since(START + 59_999)).toHaveLength(1);
  });
});
