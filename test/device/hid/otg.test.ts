import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { createStore } from "../../../src/core/store.ts";
import { createOtgHid } from "../../../src/device/hid/otg.ts";
import type { GadgetState, HidRole, ReportOutcome } from "../../../src/platform/gadget/port.ts";
import type { UsbGadget } from "../../../src/platform/gadget/port.ts";
import { GadgetOfflineError, HID_ROLES } from "../../../src/platform/gadget/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";

const READY: GadgetState = {
  phase: "ready",
  reason: null,
  binding: 1,
  configured: true,
  drive: undefined,
  hid: HID_ROLES,
  discLimits: undefined,
};

/** What a computer that polls one device, or does not, would say to each report. */
class FakeNode {
  outcome: ReportOutcome = "taken";
  readonly reports: number[][] = [];
  lights: Uint8Array | undefined;
  isClosed = false;

  write(report: Uint8Array): ReportOutcome {
    if (this.outcome === "taken") this.reports.push([...report]);
    return this.outcome;
  }

  read(): Uint8Array | undefined {
    const { lights } = this;
    this.lights = undefined;
    return lights;
  }

  close(): void {
    this.isClosed = true;
  }

  /** The reports since the last call. */
  taken(): number[][] {
    return this.reports.splice(0);
  }
}

async function rig(initial: Partial<GadgetState> = {}) {
  const state = createStore<GadgetState>({ ...READY, ...initial });
  const nodes = new Map<HidRole, FakeNode>();
  const refuse = (): Promise<never> => Promise.reject(new GadgetOfflineError("not here"));
  const gadget: UsbGadget = {
    state,
    run: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    insert: refuse,
    eject: refuse,
    openNode: (role) => {
      const node = new FakeNode();
      nodes.set(role, node);
      return Promise.resolve(node);
    },
  };
  const clock = fakeClock();
  const driver = createOtgHid({
    gadget,
    clock,
    log: silentLogger,
    mouseMode: "absolute",
    horizontalWheel: true,
  });
  const stop = new AbortController();
  const running = driver.run(stop.signal);
  const close = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  onTestFinished(close);
  await settle();
  const node = (role: HidRole): FakeNode => {
    const found = nodes.get(role);
    if (found === undefined) throw new Error(`${role} was not opened`);
    return found;
  };
  const forget = (): void => {
    for (const each of nodes.values()) each.taken();
  };
  forget();
  const patch = (change: Partial<GadgetState>): void => state.set({ ...state.value, ...change });
  const key = (...keys: number[]): boolean =>
    driver.submit({ type: "keyboard", modifiers: 0, keys });
  return { driver, clock, node, key, patch, close, forget };
}

const keyReport = (...keys: number[]): number[] => [0, 0, ...keys, 0, 0, 0, 0, 0, 0].slice(0, 8);
const NONE = keyReport();

describe("OtgHid", () => {
  it("sends key states in their order, byte for byte", async () => {
    const { driver, node } = await rig();
    driver.submit({ type: "keyboard", modifiers: 2, keys: [4] });
    driver.submit({ type: "keyboard", modifiers: 0, keys: [] });
    expect(node("keyboard").taken()).toEqual([[2, 0, 4, 0, 0, 0, 0, 0], NONE]);
  });

  it("encodes positions, buttons and wheels for the mouse of the mode", async () => {
    const { driver, node } = await rig();
    driver.submit({ type: "absolute", x: 32_767, y: -32_768 });
    driver.submit({ type: "buttons", buttons: 1 });
    driver.submit({ type: "wheel", dx: -2, dy: 3 });
    expect(node("absolute").taken()).toEqual([
      [0, 0xff, 0x7f, 0, 0, 0, 0],
      [1, 0xff, 0x7f, 0, 0, 0, 0],
      [1, 0xff, 0x7f, 0, 0, 3, 0xfe],
    ]);
    driver.setMouseMode("relative");
    expect(node("absolute").taken()).toEqual([[0, 0xff, 0x7f, 0, 0, 0, 0]]);
    driver.submit({ type: "relative", dx: 5, dy: -1 });
    expect(node("relative").taken()).toEqual([[0, 5, 0xff, 0, 0]]);
    expect(driver.state.value.mouseMode).toBe("relative");
  });

  it("numbers media and power keys, which share a device", async () => {
    const { driver, node } = await rig();
    driver.submit({ type: "consumer", usage: 0x00e9 });
    driver.submit({ type: "consumer", usage: 0 });
    driver.submit({ type: "system", control: 2 });
    expect(node("media").taken()).toEqual([
      [1, 0xe9, 0],
      [1, 0, 0],
      [2, 2],
    ]);
  });

  it("offers a report again until the computer fetches it, and keeps fast taps", async () => {
    const { clock, node, key } = await rig();
    node("keyboard").outcome = "busy";
    key(4);
    key();
    key(5);
    await clock.advance(20);
    node("keyboard").outcome = "taken";
    await clock.advance(16);
    expect(node("keyboard").taken()).toEqual([keyReport(4), NONE, keyReport(5)]);
  });

  it("keeps only the newest state for a computer that does not poll", async () => {
    const { driver, clock, node, key } = await rig();
    node("keyboard").outcome = "busy";
    key(4);
    await clock.advance(200);
    expect(driver.state.value.hostReady).toBe(false);
    key(5);
    key(6);
    key(7);
    node("keyboard").outcome = "taken";
    await clock.advance(100);
    expect(node("keyboard").taken()).toEqual([keyReport(7)]);
    expect(driver.state.value.hostReady).toBe(true);
    key();
    expect(node("keyboard").taken()).toEqual([NONE]);
  });

  it("does not let a mouse that nobody polls hold up the keyboard", async () => {
    const { driver, clock, node, key } = await rig();
    node("absolute").outcome = "busy";
    driver.submit({ type: "absolute", x: 0, y: 0 });
    await clock.advance(1000);
    key(4);
    expect(node("keyboard").taken()).toEqual([keyReport(4)]);
    expect(driver.state.value.hostReady).toBe(true);
  });

  it("merges motion while the computer is slow", async () => {
    const { driver, clock, node } = await rig();
    driver.setMouseMode("relative");
    node("relative").taken();
    node("relative").outcome = "busy";
    for (let step = 0; step < 40; step += 1) driver.submit({ type: "relative", dx: 1, dy: 2 });
    node("relative").outcome = "taken";
    await clock.advance(2);
    const reports = node("relative").taken();
    expect(reports.length).toBeLessThan(4);
    expect(reports.reduce((sum, report) => sum + (report[1] ?? 0), 0)).toBe(40);
  });

  it("tells an enumerated computer zeros first, then what is held", async () => {
    const { driver, node, key, patch } = await rig();
    patch({ configured: false });
    expect(driver.state.value).toMatchObject({ online: true, hostReady: false });
    expect(key(4)).toBe(true);
    driver.submit({ type: "buttons", buttons: 2 });
    expect(node("keyboard").taken()).toEqual([]);
    patch({ configured: true });
    expect(node("keyboard").taken()).toEqual([NONE, keyReport(4)]);
    expect(
      node("absolute")
        .taken()
        .map(([buttons]) => buttons),
    ).toEqual([0, 2]);
    expect(driver.state.value.hostReady).toBe(true);
  });

  it("takes a shutdown of the endpoint for a computer that is gone", async () => {
    const { driver, clock, node, key } = await rig();
    node("keyboard").outcome = "offline";
    key(4);
    expect(driver.state.value.hostReady).toBe(false);
    key();
    node("keyboard").outcome = "taken";
    await clock.advance(500);
    expect(node("keyboard").taken()).toEqual([NONE]);
  });

  it("lets go of everything on request, and forgets what waits", async () => {
    const { driver, clock, node, key } = await rig();
    node("keyboard").outcome = "busy";
    key(4);
    key(5);
    driver.releaseAll();
    node("keyboard").outcome = "taken";
    await clock.advance(16);
    expect(node("keyboard").taken()).toEqual([NONE]);
  });

  it("says when everything is with the computer", async () => {
    const { driver, clock, node, key } = await rig();
    node("keyboard").outcome = "busy";
    key(4);
    let isDrained = false;
    void driver.drained().then(() => {
      isDrained = true;
    });
    await clock.advance(5);
    expect(isDrained).toBe(false);
    node("keyboard").outcome = "taken";
    await clock.advance(16);
    expect(isDrained).toBe(true);
  });

  it("reads the lights back", async () => {
    const { driver, clock, node } = await rig();
    node("keyboard").lights = Uint8Array.of(0b011);
    await clock.advance(100);
    expect(driver.state.value.leds).toEqual({ num: true, caps: true, scroll: false });
  });

  it("opens the devices again when they vanish", async () => {
    const { driver, clock, node, key } = await rig();
    const old = node("keyboard");
    old.outcome = "gone";
    key(4);
    await settle();
    expect(driver.state.value.online).toBe(false);
    expect(key(5)).toBe(false);
    await clock.advance(1000);
    expect(driver.state.value.online).toBe(true);
    expect(old.isClosed).toBe(true);
    expect(node("keyboard")).not.toBe(old);
  });

  it("opens the devices again when the gadget was plugged in anew: the old ones are dead", async () => {
    const { driver, clock, node, patch } = await rig();
    const old = node("keyboard");
    patch({ binding: 2 });
    await settle();
    expect(driver.state.value.online).toBe(false);
    await clock.advance(1000);
    expect(driver.state.value.online).toBe(true);
    expect(old.isClosed).toBe(true);
  });

  it("waits for the gadget and says why it is not there", async () => {
    const { driver, patch } = await rig({ phase: "failed", reason: "The helper is missing" });
    expect(driver.state.value).toMatchObject({ online: false, lastError: "The helper is missing" });
    patch({ phase: "ready", reason: null });
    await settle();
    expect(driver.state.value).toMatchObject({ online: true, lastError: null });
  });

  it("offers only what the gadget has", async () => {
    const { driver } = await rig({ hid: ["keyboard", "absolute"] });
    expect(driver.capabilities).toMatchObject({ relative: false, consumer: false });
    expect(driver.capabilities.mouseOutputs).toEqual(["usb"]);
    driver.setMouseMode("relative");
    expect(driver.submit({ type: "relative", dx: 1, dy: 1 })).toBe(false);
  });

  it("releases everything when it ends", async () => {
    const { node, key, close } = await rig();
    key(4);
    const keyboard = node("keyboard");
    await close();
    expect(keyboard.reports.at(-1)).toEqual(NONE);
    expect(keyboard.isClosed).toBe(true);
  });
});
