// Keyboard and mouse by the simulated USB device port.
import { describe, expect, it } from "vitest";
import { until } from "../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";

async function rig(): Promise<TestApp> {
  const test = await createTestApp({ config: { device: { hid: { backend: "otg" } } } });
  await until(test.device.hid.state, ({ keyboard }) => keyboard.online);
  return test;
}

const post = (test: TestApp, path: string, body?: string) =>
  test.call("POST", path, {
    headers: { ...OWNER_HEADERS, "Content-Type": "text/plain" },
    ...(body === undefined ? {} : { body }),
  });

describe("the USB gadget as keyboard and mouse", () => {
  it("types a text that appears on the computer's screen", async () => {
    const test = await rig();
    expect((await post(test, "/api/hid/print?limit=0", "Hello, Gadget!")).status).toBe(200);
    expect(test.platform.target.state.value.lines.at(-1)).toBe("Hello, Gadget!");
    expect(test.platform.target.state.value.keys).toEqual([]);
  });

  it("moves the pointer to both corners, and scrolls", async () => {
    const test = await rig();
    await post(test, "/api/hid/events/send_mouse_move?to_x=32767&to_y=32767");
    expect(test.platform.target.state.value.pointer).toEqual({ x: 1919, y: 1079 });
    await post(test, "/api/hid/events/send_mouse_move?to_x=-32768&to_y=-32768");
    expect(test.platform.target.state.value.pointer).toEqual({ x: 0, y: 0 });
    await post(test, "/api/hid/events/send_mouse_wheel?delta_x=0&delta_y=3");
    expect(test.platform.target.state.value.wheel).toBe(3);
  });

  it("offers both mice as PiKVM does and switches between them", async () => {
    const test = await rig();
    const { mouse } = await test.get<{ mouse: { outputs: unknown } }>("/api/hid");
    expect(mouse.outputs).toEqual({ available: ["usb", "usb_rel"], active: "usb" });
    await post(test, "/api/hid/set_params?mouse_output=usb_rel");
    const { pointer } = test.platform.target.state.value;
    await post(test, "/api/hid/events/send_mouse_relative?delta_x=7&delta_y=-5");
    expect(test.platform.target.state.value.pointer).toEqual({
      x: pointer.x + 7,
      y: pointer.y - 5,
    });
  });

  it("shows the keyboard's lights", async () => {
    const test = await rig();
    await post(test, "/api/hid/events/send_key?key=CapsLock");
    await until(test.device.hid.state, ({ keyboard }) => keyboard.leds.caps);
    expect(test.platform.target.state.value.leds.caps).toBe(true);
  });

  it("is not readable while the cable is out, and tells a returned computer what is held", async () => {
    const test = await rig();
    test.platform.gadget.unplug();
    expect(test.device.hid.state.value).toMatchObject({
      online: true,
      keyboard: { online: false },
    });
    await post(test, "/api/hid/events/send_key?key=KeyA&state=1");
    expect(test.platform.target.state.value.keys).toEqual([]);
    test.platform.gadget.replug();
    expect(test.platform.target.state.value.keys).toEqual([4]);
    await post(test, "/api/hid/events/send_key?key=KeyA&state=0");
    expect(test.platform.target.state.value.keys).toEqual([]);
  });

  it("shares the port with the disk", async () => {
    const test = await rig();
    await until(test.device.msd.state, ({ online }) => online);
    const body = new Uint8Array(700_000);
    await test.call("POST", "/api/msd/write?image=a.iso", { headers: OWNER_HEADERS, body });
    await post(test, "/api/msd/set_params?image=a.iso&cdrom=1");
    await post(test, "/api/msd/set_connected?connected=1");
    expect(test.platform.target.state.value.disk).toMatchObject({ name: "a.iso", cdrom: true });
    await post(test, "/api/hid/print?limit=0", "ok");
    expect(test.platform.target.state.value.lines.at(-1)).toBe("ok");
  });
});
