import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HidReport } from "../../../src/device/hid/driver.ts";
import { ReportQueue } from "../../../src/device/hid/report-queue.ts";
import type { QueuedReport } from "../../../src/device/hid/report-queue.ts";

const key = (usage: number): HidReport => ({ type: "keyboard", modifiers: 0, keys: [usage] });
const move = (x: number): HidReport => ({ type: "absolute", x, y: -x });
const shift = (dx: number, dy = 0): HidReport => ({ type: "relative", dx, dy });
const wheel = (dy: number, dx = 0): HidReport => ({ type: "wheel", dx, dy });
const press = (buttons: number): HidReport => ({ type: "buttons", buttons });

function queueOf(...reports: readonly HidReport[]): ReportQueue {
  const queue = new ReportQueue();
  for (const report of reports) expect(queue.push(report)).toBe(true);
  return queue;
}

function drain(queue: ReportQueue): QueuedReport[] {
  const reports: QueuedReport[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) reports.push(next);
  return reports;
}

/** Short form: "k4" a key, "b1" buttons, "@5" a position, "+3" motion, "w1" a wheel turn; parts of one report are glued. */
function brief(report: QueuedReport): string {
  if (report.type === "keyboard") return `k${report.keys.join("")}`;
  if (report.type !== "pointer") return report.type;
  const { buttons, position, dx, dy, wheelX, wheelY } = report;
  const parts = [
    position === undefined ? "" : `@${position.x}`,
    dx === 0 && dy === 0 ? "" : `+${dx + dy}`,
    wheelX === 0 && wheelY === 0 ? "" : `w${wheelX + wheelY}`,
    buttons === undefined ? "" : `b${buttons}`,
  ];
  return parts.join("");
}

const order = (queue: ReportQueue): string[] => drain(queue).map(brief);

describe("ReportQueue", () => {
  it("is empty at first", () => {
    const queue = new ReportQueue();
    expect(queue.isEmpty).toBe(true);
    expect(queue.hasStates).toBe(false);
    expect(queue.take()).toBeUndefined();
  });

  it("keeps keys in order", () => {
    const reports: HidReport[] = [key(4), { type: "consumer", usage: 1 }, key(5), key(4)];
    reports.push({ type: "system", control: 1 });
    expect(drain(queueOf(...reports))).toEqual(reports);
  });

  it("keeps only the newest position", () => {
    expect(order(queueOf(move(1), move(2), move(3)))).toEqual(["@3"]);
  });

  it("sums relative motion and wheel turns in both directions", () => {
    const queue = queueOf(shift(5, -3), shift(-2, 1), wheel(1, 2), wheel(1, -5));
    expect(drain(queue)).toEqual([
      {
        type: "pointer",
        buttons: undefined,
        position: undefined,
        dx: 3,
        dy: -2,
        wheelX: -3,
        wheelY: 2,
      },
    ]);
  });

  it("splits sums into steps that fit a report, the buttons with the last", () => {
    const queue = queueOf(shift(127), shift(127), shift(46), press(1));
    expect(order(queue)).toEqual(["+127", "+127", "+46b1"]);
  });

  it("loses motion beyond sixteen steps", () => {
    const queue = new ReportQueue();
    for (let turn = 0; turn < 100; turn += 1) queue.push(shift(-127));
    expect(drain(queue)).toHaveLength(16);
  });

  it("presses a button at the position in front of it, and moves on only afterwards", () => {
    expect(order(queueOf(move(1), move(2), press(1), move(3), press(0), move(4)))).toEqual([
      "@2b1",
      "@3b0",
      "@4",
    ]);
  });

  it("lets a key pass plain motion but not a wheel turn", () => {
    expect(order(queueOf(move(1), key(4)))).toEqual(["k4", "@1"]);
    expect(order(queueOf(wheel(1), move(1), key(4)))).toEqual(["@1w1", "k4"]);
    expect(order(queueOf(key(4), wheel(1)))).toEqual(["k4", "w1"]);
  });

  it("gives motion a turn after four keys", () => {
    const keys = [4, 5, 6, 7, 8, 9].map(key);
    expect(order(queueOf(move(1), ...keys))).toEqual(["k4", "k5", "k6", "k7", "@1", "k8", "k9"]);
  });

  it("does not count keys that passed nothing", () => {
    const queue = queueOf(key(4), key(4), key(4), key(4), key(4));
    drain(queue);
    queue.push(move(1));
    queue.push(key(5));
    expect(order(queue)).toEqual(["k5", "@1"]);
  });

  it("never lets motion pass a button, however many keys wait", () => {
    const keys = [4, 5, 6, 7, 8, 9].map(key);
    const seen = order(queueOf(...keys, press(1), move(1)));
    expect(seen.join(" ")).toBe("k4 k5 k6 k7 k8 k9 b1 @1");
  });

  it("drops motion on demand, but not what belongs to a button", () => {
    const queue = queueOf(move(1), press(1), move(2), wheel(1));
    queue.dropMotion();
    expect(order(queue)).toEqual(["@1b1"]);
  });

  it("forgets everything on demand", () => {
    const queue = queueOf(move(1), press(1), key(4), wheel(1));
    queue.clear();
    expect(queue.isEmpty).toBe(true);
    expect(queue.take()).toBeUndefined();
    queue.push(move(7));
    expect(order(queue)).toEqual(["@7"]);
  });

  it("refuses states beyond 1024 and owes the release of their kind", () => {
    const queue = new ReportQueue();
    for (let turn = 0; turn < 1024; turn += 1) expect(queue.push(key(4))).toBe(true);
    expect(queue.push(key(5))).toBe(false);
    expect(queue.push(press(1))).toBe(false);
    expect(queue.push({ type: "consumer", usage: 1 })).toBe(false);
    expect(queue.push({ type: "system", control: 1 })).toBe(false);
    expect(queue.push(move(1))).toBe(true);
    const reports = drain(queue);
    expect(reports.filter((report) => report.type === "keyboard")).toHaveLength(1025);
    expect(reports.slice(-4)).toEqual([
      { type: "keyboard", modifiers: 0, keys: [] },
      expect.objectContaining({ type: "pointer", buttons: 0 }),
      { type: "consumer", usage: 0 },
      { type: "system", control: 0 },
    ]);
    expect(queue.isEmpty).toBe(true);
  });

  it("owes nothing once a newer state of the kind was accepted", () => {
    const queue = new ReportQueue();
    while (queue.push(key(4)));
    expect(queue.hasStates).toBe(true);
    queue.take();
    queue.push(key(6));
    const reports = drain(queue);
    expect(reports.at(-1)).toEqual(key(6));
  });

  it("refuses a key that a wheel turn would have to precede when there is room for one only", () => {
    const queue = new ReportQueue();
    for (let turn = 0; turn < 1023; turn += 1) queue.push(key(4));
    queue.push(wheel(1));
    expect(queue.push(key(5))).toBe(false);
  });

  it("knows what has passed, whatever came later", () => {
    const queue = queueOf(move(1), key(4));
    const mark = queue.sequence;
    expect(queue.hasPassed(mark)).toBe(false);
    queue.take();
    expect(queue.hasPassed(mark)).toBe(false);
    queue.push(key(5));
    queue.push(move(2));
    queue.take();
    expect(queue.hasPassed(mark)).toBe(false);
    queue.take();
    expect(queue.hasPassed(mark)).toBe(true);
  });

  it("lets old motion pass under endless new motion", () => {
    const queue = queueOf(shift(127), shift(127));
    const mark = queue.sequence;
    for (let turn = 0; turn < 2; turn += 1) {
      queue.push(shift(127));
      queue.take();
    }
    expect(queue.hasPassed(mark)).toBe(true);
  });

  it("counts motion that a button took along", () => {
    const queue = queueOf(move(1));
    const mark = queue.sequence;
    queue.push(key(4));
    queue.push(press(1));
    queue.take();
    expect(queue.hasPassed(mark)).toBe(false);
    queue.take();
    expect(queue.hasPassed(mark)).toBe(true);
  });

  it("neither loses, invents nor reorders keys and buttons, and ends at the right place", () => {
    const delta = fc.integer({ min: -127, max: 127 });
    const step = fc.oneof(
      fc.integer({ min: 4, max: 99 }).map(key),
      fc.integer({ min: 0, max: 31 }).map(press),
      fc.integer({ min: -30_000, max: 30_000 }).map(move),
      fc.tuple(delta, delta).map(([dx, dy]) => shift(dx, dy)),
      fc.tuple(delta, delta).map(([dx, dy]) => wheel(dy, dx)),
      fc.constant("take" as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new ReportQueue();
        const taken: QueuedReport[] = [];
        const pushed = steps.filter((entry) => entry !== "take");
        for (const entry of steps) {
          if (entry !== "take") queue.push(entry);
          else taken.push(...[queue.take()].filter((report) => report !== undefined));
        }
        taken.push(...drain(queue));
        const pointers = taken.filter((report) => report.type === "pointer");
        expect(taken.filter((report) => report.type === "keyboard")).toEqual(
          pushed.filter((report) => report.type === "keyboard"),
        );
        expect(pointers.flatMap(({ buttons }) => (buttons === undefined ? [] : [buttons]))).toEqual(
          pushed.flatMap((report) => (report.type === "buttons" ? [report.buttons] : [])),
        );
        const positions = pointers.flatMap(({ position }) => position ?? []);
        expect(positions.at(-1)?.x).toBe(
          pushed.findLast((report) => report.type === "absolute")?.x,
        );
        expect(
          pointers.every(({ dx, wheelY }) => Math.abs(dx) < 128 && Math.abs(wheelY) < 128),
        ).toBe(true);
        expect(queue.isEmpty).toBe(true);
        expect(queue.hasPassed(queue.sequence)).toBe(true);
      }),
    );
  });
});
