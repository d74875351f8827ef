import { describe, expect, it } from "vitest";
import {
  countedTraffic,
  daysLeft,
  readMetric,
  usedTrafficPercent,
} from "../../../src/hub/alerts/figures.ts";
import { NO_NOTES } from "../../../src/hub/node-notes.ts";
import { nodeReport } from "../../support/hub-fixture.ts";

const TRAFFIC = { receivedBytes: 30, sentBytes: 10 };

describe("figures that rules watch", () => {
  it("are shares of what is there, and nothing where nothing is", () => {
    expect(readMetric("memoryPercent", nodeReport(), 0)).toBe(40);
    expect(readMetric("diskPercent", nodeReport({ diskTotalBytes: 0 }), 0)).toBeUndefined();
    expect(readMetric("temperatureCelsius", nodeReport(), 0)).toBeUndefined();
    expect(readMetric("temperatureCelsius", nodeReport(), 71.5)).toBe(71.5);
    expect(readMetric("connections", nodeReport(), 0)).toBe(23);
  });

  it("count traffic as the node's limit wants it", () => {
    const counted = (["sum", "max", "min", "up", "down"] as const).map((type) =>
      countedTraffic(type, TRAFFIC),
    );
    expect(counted).toEqual([40, 30, 10, 10, 30]);
    const limited = { ...NO_NOTES, trafficLimitBytes: 80, trafficLimitType: "sum" } as const;
    expect(usedTrafficPercent(limited, TRAFFIC)).toBe(50);
    expect(usedTrafficPercent(NO_NOTES, TRAFFIC)).toBeUndefined();
  });

  it("count days until a node expires, and after", () => {
    const day = 86_400_000;
    expect(daysLeft({ ...NO_NOTES, expiresAt: 3 * day }, day)).toBe(2);
    expect(daysLeft({ ...NO_NOTES, expiresAt: day }, 3 * day)).toBe(-2);
    expect(daysLeft(NO_NOTES, day)).toBeUndefined();
  });
});
