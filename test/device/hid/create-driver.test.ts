import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { createHidDriver } from "../../../src/device/hid/create-driver.ts";
import type { GadgetState, UsbGadget } from "../../../src/platform/gadget/port.ts";
import { GadgetOfflineError } from "../../../src/platform/gadget/port.ts";
import type { SerialPortInfo } from "../../../src/platform/serial/port.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { HID_CONFIG } from "../../support/hid-config.ts";

function rig(initial: Partial<GadgetState>, ports: readonly SerialPortInfo[] = []) {
  const state = createStore<GadgetState>({
    phase: "starting",
    reason: null,
    binding: 1,
    configured: false,
    drive: undefined,
    hid: [],
    discLimits: undefined,
    ...initial,
  });
  const refuse = (): Promise<never> => Promise.reject(new GadgetOfflineError("not here"));
  const gadget: UsbGadget = {
    state,
    run: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    insert: refuse,
    eject: refuse,
    openNode: () =>
      Promise.resolve({ write: () => "taken", read: () => undefined, close: () => undefined }),
  };
  let searches = 0;
  const opened: string[] = [];
  const driver = createHidDriver({
    config: HID_CONFIG,
    gadget,
    horizontalWheel: true,
    serial: {
      list: () => {
        searches += 1;
        return Promise.resolve(ports);
      },
      open: (path) => {
        opened.push(path);
        return refuse();
      },
    },
    clock: fakeClock(),
    log: silentLogger,
  });
  const stop = new AbortController();
  const running = driver.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return { driver, state, opened, searches: () => searches };
}

describe("the back end 'auto'", () => {
  it("waits until it is known whether there is a gadget, then prefers it to serial chips", async () => {
    const { driver, state, searches } = rig({});
    await settle();
    expect(searches()).toBe(0);
    state.set({ ...state.value, phase: "ready", hid: ["keyboard", "absolute"] });
    await until(driver.state, ({ online }) => online);
    expect(driver.state.value.description).toBe("USB gadget (keyboard, absolute)");
    expect(searches()).toBe(0);
  });

  it("looks for a serial chip on boards without a gadget", async () => {
    const { driver, searches } = rig({ phase: "absent", reason: "no controller" });
    await until(driver.state, ({ lastError }) => lastError !== null);
    expect(searches()).toBe(1);
    expect(driver.state.value.lastError).not.toContain("no controller");
  });

  it("leaves the serial port of a PiKVM Switch alone", async () => {
    const { driver, opened } = rig({ phase: "absent", reason: "no controller" }, [
      { path: "/dev/ttyACM0", vendorId: "2e8a", productId: "1080" },
      { path: "/dev/ttyUSB0", vendorId: "1a86", productId: "7523" },
    ]);
    await until(driver.state, ({ lastError }) => lastError !== null);
    expect(new Set(opened)).toEqual(new Set(["/dev/ttyUSB0"]));
  });

  it("looks for a serial chip when the gadget cannot be made, and says both", async () => {
    const { driver } = rig({ phase: "failed", reason: "The helper is missing" });
    await until(driver.state, ({ lastError }) => lastError !== null);
    expect(driver.state.value.lastError).toContain("serial port");
    expect(driver.state.value.lastError).toContain("The helper is missing");
  });

  it("does not take a gadget for a keyboard that is only a disk", async () => {
    const { searches } = rig({ phase: "ready", hid: [] });
    await settle();
    expect(searches()).toBe(1);
  });
});
