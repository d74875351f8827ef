import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReportReader } from "../../../src/protocol/komari/read-report.ts";
import type { ReportFigures } from "../../../src/protocol/komari/read-report.ts";
import { nodeReport } from "../../support/hub-fixture.ts";
import { wireReport } from "../../support/komari-agent-app.ts";

const read = (value: unknown): ReportFigures | undefined => new ReportReader().read(value);

describe("a report", () => {
  it("is read with every figure in its place", () => {
    expect(read(wireReport())).toEqual(nodeReport({ temperatures: [] }));
  });

  it("with whole figures as fractions is rounded", () => {
    const report = read(wireReport({ ram: { total: 1000.4, used: 1.5 } }));
    expect(report).toMatchObject({ memoryTotalBytes: 1000, memoryUsedBytes: 2 });
  });

  it("leaves earlier figures where it says nothing or something impossible", () => {
    const reader = new ReportReader();
    const earlier = nodeReport({ temperatures: [] });
    const partial = { cpu: { usage: -5 }, ram: null, load: { load1: 2 }, uptime: 1e300 };
    expect(reader.read(partial, earlier)).toEqual({ ...earlier, load1: 2 });
    expect(reader.refused).toBe(2);
  });

  it.each([
    ["text", "report"],
    ["a list", [wireReport()]],
    ["nothing", null],
    ["an object without figures", {}],
    ["an object with figures that are all impossible", { cpu: { usage: -1 }, uptime: -1 }],
    ["with text for a figure", wireReport({ uptime: "86400" })],
    ["with a list for a group", wireReport({ ram: [1000, 400] })],
    ["with an object for a figure", wireReport({ cpu: { usage: { value: 1 } } })],
    ["with a figure for the message", wireReport({ message: 5 })],
    ["with text for the devices", wireReport({ gpu: { detailed_info: "RTX" } })],
  ])("is none: %s", (_, value) => {
    expect(read(value)).toBeUndefined();
  });

  it("says nothing about who sent it", () => {
    const claims = { uuid: "of-another", token: "x", node: 7, updated_at: "2020-01-01T00:00:00Z" };
    expect(read(wireReport(claims))).toEqual(read(wireReport()));
  });

  it("shows its graphics devices, at most sixteen", () => {
    const device = {
      name: "RTX 4000",
      memory_total: 8000,
      memory_used: 1000,
      utilization: 37,
      temperature: 55,
    };
    const gpu = {
      count: 20,
      average_usage: 37,
      detailed_info: Array.from({ length: 20 }, () => device),
    };
    const report = read(wireReport({ gpu }));
    expect(report?.gpuPercent).toBe(37);
    expect(report?.gpus).toHaveLength(16);
    expect(report?.gpus[0]).toEqual({
      name: "RTX 4000",
      utilizationPercent: 37,
      memoryTotalBytes: 8000,
      memoryUsedBytes: 1000,
      celsius: 55,
    });
    expect(read(wireReport({ gpu: { models: ["RTX 4000"] } }))?.gpus).toEqual([]);
  });

  it("takes a long message to its limit and a little more than everything as everything", () => {
    const report = read(wireReport({ message: "x".repeat(9000), cpu: { usage: 100.4 } }));
    expect(report?.message).toHaveLength(4096);
    expect(report?.cpuPercent).toBe(100);
  });

  const nested = fc.letrec((tie) => ({
    figure: fc.oneof(
      fc.double(),
      fc.maxSafeInteger(),
      fc.constantFrom(-1, 0, 1e308, -1e308, 2 ** 63, Number.POSITIVE_INFINITY, Number.NaN),
      fc.string(),
      fc.constant(null),
      fc.boolean(),
    ),
    group: fc.dictionary(
      fc.constantFrom("usage", "total", "used", "load1", "up", "totalDown", "tcp", "__proto__"),
      tie("figure"),
    ),
  }));
  const anything = fc.oneof(
    fc.anything(),
    fc.dictionary(
      fc.constantFrom("cpu", "ram", "swap", "load", "disk", "network", "connections", "gpu"),
      fc.oneof(nested["group"], fc.anything()),
    ),
    fc.record({ uptime: fc.double(), process: fc.double(), message: fc.string() }),
  );

  it("is, whatever comes, either refused or finite, bounded and not negative", () => {
    const reader = new ReportReader();
    fc.assert(
      fc.property(anything, (value) => {
        const { gpus, message, temperatures, ...figures } = reader.read(value) ?? nodeReport();
        expect(temperatures.length).toBeLessThanOrEqual(1);
        expect(gpus.length).toBeLessThanOrEqual(16);
        expect(message.length).toBeLessThanOrEqual(4096);
        for (const figure of Object.values(figures)) {
          expect(figure).toBeGreaterThanOrEqual(0);
          expect(figure).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
        }
      }),
      { numRuns: 700 },
    );
  });
});
