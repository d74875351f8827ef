import { describe, expect, it } from "vitest";
import { inTime } from "../../src/cli/in-time.ts";
import { fakeClock } from "../support/fake-clock.ts";

describe("work that has a deadline", () => {
  it.each([
    ["well", () => Promise.resolve()],
    ["badly", () => Promise.reject(new Error("it broke"))],
  ])("is never called late when it ended %s: what comes after it lives on", async (_, work) => {
    const clock = fakeClock();
    let late = 0;
    const onLate = (): void => void (late += 1);
    await inTime({ clock, limitMs: 10_000, onLate }, work).catch(() => undefined);
    await clock.advance(60_000);
    expect(late).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it("is called late when it hangs", async () => {
    const clock = fakeClock();
    let late = 0;
    const onLate = (): void => void (late += 1);
    void inTime({ clock, limitMs: 10_000, onLate }, () => new Promise(() => undefined));
    await clock.advance(9_999);
    expect(late).toBe(0);
    await clock.advance(1);
    expect(late).toBe(1);
  });
});
