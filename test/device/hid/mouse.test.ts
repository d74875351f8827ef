import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HidReport, MouseMode } from "../../../src/device/hid/driver.ts";
import { Mouse, remap } from "../../../src/device/hid/mouse.ts";
import { describeReport } from "../../support/fake-hid-driver.ts";

const FULL = { min: -32_768, max: 32_767 };

function testMouse(mode: MouseMode, xRange = FULL) {
  const reports: HidReport[] = [];
  const mouse = new Mouse({
    xRange,
    yRange: FULL,
    mode: () => mode,
    send(report) {
      reports.push(report);
    },
  });
  return { mouse, reports, texts: () => reports.map(describeReport) };
}

describe("Mouse", () => {
  it("clamps absolute positions and remembers them", () => {
    const { mouse, texts } = testMouse("absolute");
    mouse.move(99_999, -99_999);
    expect(texts()).toEqual(["absolute 32767 -32768"]);
    expect(mouse.position).toEqual({ x: 32_767, y: -32_768 });
  });

  it("ignores absolute moves in relative mode and relative ones in absolute mode", () => {
    const relative = testMouse("relative");
    relative.mouse.move(1, 1);
    relative.mouse.relative([3, -4], false);
    expect(relative.texts()).toEqual(["relative 3 -4"]);
    const absolute = testMouse("absolute");
    absolute.mouse.relative([3, -4], false);
    expect(absolute.texts()).toEqual([]);
  });

  it("turns the wheel in both modes", () => {
    for (const mode of ["absolute", "relative"] as const) {
      const { mouse, texts } = testMouse(mode);
      mouse.wheel([0, -1], false);
      expect(texts()).toEqual(["wheel 0 -1"]);
    }
  });

  it("reports buttons as a complete state and only when it changes", () => {
    const { mouse, texts } = testMouse("absolute");
    mouse.setButton(1, true);
    mouse.setButton(1, true);
    mouse.setButton(8, true);
    mouse.setButton(1, false);
    mouse.releaseButtons();
    mouse.releaseButtons();
    expect(texts()).toEqual(["buttons 1", "buttons 9", "buttons 8", "buttons 0"]);
  });

  it("clamps deltas, sends each without squash, and ignores an odd number at the end", () => {
    const { mouse, texts } = testMouse("relative");
    mouse.relative([300, -300, 0, 0, 5], false);
    expect(texts()).toEqual(["relative 127 -127", "relative 0 0"]);
  });

  it("sums deltas with squash as far as a report holds, and drops a sum of zero", () => {
    const { mouse, texts } = testMouse("relative");
    mouse.relative([100, 0, 27, 1, 1, 0, -1, 0], true);
    expect(texts()).toEqual(["relative 127 1"]);
    const other = testMouse("relative");
    other.mouse.relative([100, 0, 28, 0], true);
    expect(other.texts()).toEqual(["relative 100 0", "relative 28 0"]);
  });

  it("loses no motion by squashing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -127, max: 127 }), { maxLength: 60 }), (numbers) => {
        const deltas = numbers.length % 2 === 0 ? numbers : [...numbers, 0];
        const { mouse, reports } = testMouse("relative");
        mouse.relative(deltas, true);
        let [x, y] = [0, 0];
        for (const report of reports) {
          if (report.type !== "relative") throw new Error(report.type);
          expect(Math.max(Math.abs(report.dx), Math.abs(report.dy))).toBeLessThanOrEqual(127);
          x += report.dx;
          y += report.dy;
        }
        expect(x).toBe(deltas.filter((_, index) => index % 2 === 0).reduce((a, b) => a + b, 0));
        expect(y).toBe(deltas.filter((_, index) => index % 2 === 1).reduce((a, b) => a + b, 0));
      }),
    );
  });

  it("maps positions into the configured range of a multi-monitor host", () => {
    expect(remap(-32_768, { min: -32_768, max: 0 })).toBe(-32_768);
    expect(remap(32_767, { min: -32_768, max: 0 })).toBe(0);
    expect(remap(0, { min: 0, max: 32_767 })).toBe(16_383);
    expect(remap(1234, FULL)).toBe(1234);
    const { mouse, texts } = testMouse("absolute", { min: 0, max: 32_767 });
    mouse.move(-32_768, 5);
    expect(texts()).toEqual(["absolute 0 5"]);
    expect(mouse.position.x).toBe(-32_768);
  });
});
