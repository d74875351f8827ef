import { describe, expect, it } from "vitest";
import { settle } from "../../support/fake-clock.ts";
import { onlineBench, startBench } from "./ch9329-peer.ts";

describe("SerialSession", () => {
  it("keeps requests in lock-step when a listener of the state submits", async () => {
    const { chip, clock, driver } = await onlineBench();
    chip.hostReady = false;
    driver.submit({ type: "keyboard", modifiers: 0, keys: [4] });
    await settle();
    driver.state.subscribe((state) => {
      driver.submit({ type: "keyboard", modifiers: 0, keys: state.hostReady === true ? [5] : [6] });
    });
    chip.hostReady = true;
    chip.isHolding = true;
    chip.forgetRequests();
    await clock.advance(500);
    for (let turn = 1; turn < 20; turn += 1) {
      if (turn === 3) driver.submit({ type: "buttons", buttons: 1 });
      expect(chip.requests.length).toBeLessThanOrEqual(turn);
      await chip.answer();
    }
    expect(chip.host.keys).toEqual([5]);
  });

  it("sends a state again that got lost shortly after a reset", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    const resetting = driver.reset();
    await clock.advance(1100);
    await resetting;
    chip.react = () => "silent";
    driver.submit({ type: "keyboard", modifiers: 0, keys: [4] });
    await clock.advance(500);
    chip.host.keys = [];
    chip.react = () => "usual";
    await clock.advance(500);
    expect(state()).toMatchObject({ online: true, hostReady: true });
    expect(chip.host.keys).toEqual([4]);
  });

  it("takes input from a listener that hears that the chip is online", async () => {
    const { chip, clock, driver } = startBench();
    driver.state.subscribe((state) => {
      if (state.online) driver.submit({ type: "keyboard", modifiers: 0, keys: [7] });
    });
    await clock.advance(60);
    expect(chip.host.keys).toEqual([7]);
  });

  it("leaves the suspension although input never pauses", async () => {
    const { chip, clock, driver, state } = await onlineBench();
    chip.hostReady = false;
    driver.submit({ type: "keyboard", modifiers: 0, keys: [4] });
    await settle();
    chip.hostReady = true;
    let turn = 0;
    chip.react = () => {
      turn += 1;
      if (turn < 200) driver.submit({ type: "keyboard", modifiers: turn & 0xff, keys: [] });
      return "usual";
    };
    await clock.advance(500);
    expect(state().hostReady).toBe(true);
    expect(chip.host.modifiers).toBe(199);
  });
});
