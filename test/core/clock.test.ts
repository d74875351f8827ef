import { describe, expect, it } from "vitest";
import { every, sleep, systemClock } from "../../src/core/clock.ts";
import { CancelledError } from "../../src/core/errors.ts";
import { fakeClock, settle } from "../support/fake-clock.ts";

describe("systemClock", () => {
  it("tells the wall clock in epoch milliseconds", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  });

  it("never goes back on its monotonic side", () => {
    const first = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
  });

  it("calls back once, and not at all when cancelled", async () => {
    let calls = 0;
    const cancelled = systemClock.setTimer(0, () => {
      calls += 100;
    });
    cancelled();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(1, () => {
        calls += 1;
        resolve();
      });
    });
    expect(calls).toBe(1);
  });
});

describe("sleep", () => {
  it("resolves when the time is over and not before", async () => {
    const clock = fakeClock();
    let isOver = false;
    void sleep(clock, 100).then(() => {
      isOver = true;
    });
    await clock.advance(99);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(isOver).toBe(true);
  });

  it("rejects at once when the signal is already aborted", async () => {
    const clock = fakeClock();
    await expect(sleep(clock, 100, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
    expect(clock.pending).toBe(0);
  });

  it("rejects on abort and leaves no timer behind", async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 100, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toBeInstanceOf(CancelledError);
    expect(clock.pending).toBe(0);
  });

  it("is not disturbed by an abort after its end", async () => {
    const clock = fakeClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 100, controller.signal);
    await clock.advance(100);
    controller.abort();
    await expect(sleeping).resolves.toBeUndefined();
  });
});

describe("every", () => {
  it("calls back once a period until cancelled", async () => {
    const clock = fakeClock();
    let calls = 0;
    const cancel = every(clock, 50, () => {
      calls += 1;
    });
    await clock.advance(175);
    expect(calls).toBe(3);
    cancel();
    await clock.advance(500);
    expect(calls).toBe(3);
    expect(clock.pending).toBe(0);
  });

  it("can be cancelled from inside its callback", async () => {
    const clock = fakeClock();
    let calls = 0;
    const cancel = every(clock, 50, () => {
      calls += 1;
      cancel();
    });
    await clock.advance(500);
    expect(calls).toBe(1);
  });

  it("goes on after a callback that throws", () => {
    const due: (() => void)[] = [];
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      setTimer: (_delayMs: number, callback: () => void) => {
        due.push(callback);
        return () => undefined;
      },
    };
    every(clock, 50, () => {
      throw new Error("one bad tick");
    });
    expect(() => due.shift()?.()).toThrow("one bad tick");
    expect(due).toHaveLength(1);
  });
});

describe("fakeClock", () => {
  it("lets promises settle between timers", async () => {
    const clock = fakeClock();
    const order: string[] = [];
    clock.setTimer(1, () => {
      order.push("first");
      void Promise.resolve().then(() => order.push("reaction"));
    });
    clock.setTimer(2, () => {
      order.push("second");
    });
    await clock.advance(2);
    await settle();
    expect(order).toEqual(["first", "reaction", "second"]);
  });
});
