import { describe, expect, it } from "vitest";
import { DrainWaiters } from "../../../src/device/hid/drain-waiters.ts";
import { settle } from "../../support/fake-clock.ts";

describe("DrainWaiters", () => {
  it("wakes each caller when its own number has passed", async () => {
    let passed = 0;
    const woken: number[] = [];
    const waiters = new DrainWaiters((sequence) => sequence <= passed);
    for (const sequence of [0, 2, 1]) {
      void waiters.wait(sequence).then(() => {
        woken.push(sequence);
      });
    }
    await settle();
    expect(woken).toEqual([0]);
    waiters.wake();
    await settle();
    expect(woken).toEqual([0]);
    for (passed = 1; passed <= 2; passed += 1) {
      waiters.wake();
      await settle();
    }
    expect(woken).toEqual([0, 1, 2]);
    waiters.wake();
    await settle();
    expect(woken).toEqual([0, 1, 2]);
  });
});
