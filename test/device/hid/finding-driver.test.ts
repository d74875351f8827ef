import { describe, expect, it, onTestFinished } from "vitest";
import { createStore } from "../../../src/core/store.ts";
import type { HidDriver, HidDriverState } from "../../../src/device/hid/driver.ts";
import { FindingHid } from "../../../src/device/hid/finding-driver.ts";
import { createNullDriver } from "../../../src/device/hid/null-driver.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

/** A chip that goes and comes back as the test says. */
function fakeChip(description: string) {
  const base = createNullDriver({ reason: "", mouseMode: "absolute" });
  const state = createStore<HidDriverState>({ ...base.state.value, online: true, description });
  let isRunning = false;
  const driver: HidDriver = {
    ...base,
    capabilities: base.capabilities,
    submit: () => true,
    drained: () => Promise.resolve(),
    releaseAll: () => undefined,
    reset: () => Promise.resolve(),
    setMouseMode: (mouseMode) => {
      state.set({ ...state.value, mouseMode });
    },
    state,
    run: (signal) => {
      isRunning = true;
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          isRunning = false;
          resolve();
        });
      });
    },
  };
  return {
    driver,
    setOnline: (online: boolean) => state.set({ ...state.value, online }),
    get isRunning() {
      return isRunning;
    },
  };
}

function rig(chips: readonly (HidDriver | undefined)[]) {
  const clock = fakeClock();
  const log = recordingLogger();
  const left = [...chips];
  const hid = new FindingHid({
    clock,
    log,
    mouseMode: "absolute",
    capabilities: createNullDriver({ reason: "", mouseMode: "absolute" }).capabilities,
    find: () => Promise.resolve(left.shift()),
    explain: () => "nobody answered",
  });
  const stop = new AbortController();
  const running = hid.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  onTestFinished(end);
  return { hid, clock, log, end };
}

describe("a chip that is looked for", () => {
  it("is missed aloud once, and looked for every five seconds", async () => {
    const chip = fakeChip("A");
    const { hid, clock, log } = rig([undefined, undefined, chip.driver]);
    await clock.advance(9999);
    expect(hid.state.value).toMatchObject({ online: false, lastError: "nobody answered" });
    expect(log.records.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "No HID chip was found"],
    ]);
    await clock.advance(1);
    expect(hid.state.value).toMatchObject({ online: true, description: "A" });
  });

  it("is looked for anew when it is gone for half a minute, with the mouse mode chosen before", async () => {
    const first = fakeChip("A");
    const second = fakeChip("B");
    const { hid, clock } = rig([first.driver, second.driver]);
    await clock.advance(0);
    hid.setMouseMode("relative");
    first.setOnline(false);
    await clock.advance(29_999);
    expect(first.isRunning).toBe(true);
    await clock.advance(1);
    expect(first.isRunning).toBe(false);
    expect(hid.state.value).toMatchObject({ description: "B", mouseMode: "relative" });
  });

  it("is kept when it comes back in time", async () => {
    const chip = fakeChip("A");
    const { hid, clock, end } = rig([chip.driver]);
    await clock.advance(0);
    for (let times = 0; times < 3; times += 1) {
      chip.setOnline(false);
      await clock.advance(20_000);
      chip.setOnline(true);
      await clock.advance(20_000);
    }
    expect(chip.isRunning).toBe(true);
    expect(hid.state.value.online).toBe(true);
    await end();
    expect(clock.pending).toBe(0);
  });
});
