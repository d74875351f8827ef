import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HidReport } from "../../../src/device/hid/driver.ts";
import { onlineBench } from "./ch9329-peer.ts";
import type { Bench } from "./ch9329-peer.ts";

const byte = fc.integer({ min: 0, max: 255 });
const coordinate = fc.integer({ min: -40_000, max: 40_000 });
const delta = fc.integer({ min: -127, max: 127 });
const report: fc.Arbitrary<HidReport> = fc.oneof(
  fc.record({
    type: fc.constant("keyboard" as const),
    modifiers: byte,
    keys: fc.array(fc.integer({ min: 4, max: 0x73 }), { maxLength: 6 }),
  }),
  fc.record({ type: fc.constant("consumer" as const), usage: fc.constantFrom(0, 0xe9, 0xcd) }),
  fc.record({ type: fc.constant("system" as const), control: fc.constantFrom(0, 1, 2, 3) }),
  fc.record({
    type: fc.constant("buttons" as const),
    buttons: fc.integer({ min: 0, max: 31 }),
  }),
  fc.record({ type: fc.constant("absolute" as const), x: coordinate, y: coordinate }),
  fc.record({ type: fc.constant("relative" as const), dx: delta, dy: delta }),
  fc.record({ type: fc.constant("wheel" as const), dx: delta, dy: delta }),
);

type Fault = "silent" | "e1" | "e4" | "e5" | "e6" | "garbage" | "absent" | "unplugged" | "none";
type Action =
  | { readonly type: "report"; readonly report: HidReport }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "fault"; readonly fault: Fault }
  | { readonly type: "mode"; readonly mode: "absolute" | "relative" }
  | { readonly type: "release" | "reset" };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("report" as const), report }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("wait" as const),
      ms: fc.integer({ min: 0, max: 1500 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("fault" as const),
      fault: fc.constantFrom<Fault>(
        ...(["silent", "e1", "e4", "e5", "e6", "garbage", "absent", "unplugged", "none"] as const),
      ),
    }),
  },
  fc.record({
    type: fc.constant("mode" as const),
    mode: fc.constantFrom("absolute" as const, "relative" as const),
  }),
  fc.record({ type: fc.constantFrom("release" as const, "reset" as const) }),
);

const STATUSES: Partial<Record<Fault, number>> = { e1: 0xe1, e4: 0xe4, e5: 0xe5, e6: 0xe6 };

/** Replaces whatever was wrong before. */
function apply(fault: Fault, { chip }: Bench): void {
  const status = STATUSES[fault];
  chip.hostReady = fault !== "absent";
  chip.isPresent = true;
  if (fault === "unplugged") chip.unplug();
  chip.react = () => {
    if (fault === "silent") return "silent";
    if (fault === "garbage") return Uint8Array.of(0x57, 0xab, 0x00, 0x82, 0x09, 0x57);
    return status ?? "usual";
  };
}

async function perform(step: Action, bench: Bench): Promise<void> {
  const { driver, clock } = bench;
  switch (step.type) {
    case "report":
      driver.submit(step.report);
      return;
    case "wait":
      await clock.advance(step.ms);
      return;
    case "fault":
      apply(step.fault, bench);
      return;
    case "mode":
      driver.setMouseMode(step.mode);
      return;
    case "release":
      driver.releaseAll();
      return;
    case "reset":
      void driver.reset();
  }
}

/** Long enough for a reset with its grace, a recovery, and the longest pause before opening again. */
const HEALING_MS = 15_000;

describe("Ch9329Hid after any sequence of input and faults", () => {
  it("has released everything when it stopped, and holds no timer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (steps) => {
        const bench = await onlineBench();
        for (const step of steps) await perform(step, bench);
        apply("none", bench);
        await bench.clock.advance(HEALING_MS);
        expect(bench.state()).toMatchObject({ online: true, hostReady: true, busy: false });
        await bench.stop();
        expect(bench.chip.isReleased).toBe(true);
        expect(bench.state().online).toBe(false);
        expect(bench.clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("brings the host to the last accepted state once the faults are over", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (steps) => {
        const bench = await onlineBench();
        for (const step of steps) await perform(step, bench);
        apply("none", bench);
        await bench.clock.advance(HEALING_MS);
        bench.driver.submit({ type: "keyboard", modifiers: 5, keys: [9] });
        bench.driver.submit({ type: "buttons", buttons: 1 });
        await bench.clock.advance(600);
        const { modifiers, keys, absoluteButtons, relativeButtons } = bench.chip.host;
        expect({ modifiers, keys }).toEqual({ modifiers: 5, keys: [9] });
        expect(`${absoluteButtons} ${relativeButtons}`).toMatch(/^(?:0 1|1 0)$/);
        bench.driver.releaseAll();
        await bench.clock.advance(600);
        expect(bench.chip.isReleased).toBe(true);
        await bench.stop();
      }),
      { numRuns: 60 },
    );
  });
});
