import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { extentOf } from "../../src/config/extent.ts";
import type { DeviceConfig } from "../../src/config/schema.ts";
import { until } from "../../src/core/store.ts";
import { createTestApp, OWNER_HEADERS } from "../support/create-test-app.ts";
import type { TestApp } from "../support/create-test-app.ts";
import { countPictures } from "../support/picture-count.ts";
import { quickClock } from "../support/quick-clock.ts";
import { tempDir } from "../support/temp-dir.ts";

/** Only what the stories need: no other programs. */
const STREAMER = { ocr: { enabled: false }, h264: { encoder: "off" } } as const;

async function start(device: Readonly<Record<string, unknown>> = {}): Promise<TestApp> {
  const test = await createTestApp({ config: { device: { streamer: STREAMER, ...device } } });
  await until(test.device.hid.state, ({ online, busy }) => online && !busy);
  return test;
}

/** Takes changes of the device's settings over, as the program that runs the app does. */
async function change(test: TestApp, sections: Partial<DeviceConfig>): Promise<string | undefined> {
  const running = test.config;
  const next = { ...running, device: { ...running.device, ...sections } };
  const parts = extentOf(running, next);
  if (parts === "everything") throw new Error("This changes more than parts");
  const { problem } = await test.app.takeOver({ running, next, parts });
  return problem;
}

const fpsOf = ({ config }: TestApp, fps: number): Partial<DeviceConfig> => {
  const { streamer } = config.device;
  const desiredFps = { ...streamer.desiredFps, default: fps };
  return { streamer: { ...streamer, desiredFps } };
};

describe("settings of the picture", () => {
  it("are taken over under the eyes of its viewers, and the keyboard notices nothing", async () => {
    const test = await start();
    const hidStates: unknown[] = [];
    test.device.hid.state.subscribe((state) => void hidStates.push(state));
    const ws = await test.ws("/api/ws?stream=1");
    await until(test.device.streamer.state, ({ condition }) => condition === "ok");
    const shown = await countPictures(test.url, OWNER_HEADERS);
    await until(shown, (count) => count > 3);
    expect(await change(test, fpsOf(test, 7))).toBeUndefined();
    const told = await ws.waitFor("streamer", ({ applied }) =>
      JSON.stringify(applied ?? "").includes('"desired_fps":7'),
    );
    expect(told.event).toMatchObject({ params: { desired_fps: 7 } });
    const before = shown.value;
    await until(shown, (count) => count > before + 3);
    expect(ws.socket.readyState).toBe(ws.socket.OPEN);
    expect(hidStates).toEqual([]);
  });

  it("lose no viewer who came before, and stop when the last one goes", async () => {
    const test = await start({ streamer: { ...STREAMER, shutdownDelaySeconds: 0.1 } });
    const ws = await test.ws("/api/ws?stream=1");
    await until(test.device.streamer.state, ({ condition }) => condition === "ok");
    await change(test, fpsOf(test, 7));
    await until(test.device.streamer.state, ({ condition }) => condition === "ok");
    await ws.close();
    const { streamer } = await until(
      test.device.streamer.state,
      ({ condition }) => condition === "stopped",
    );
    expect(streamer).toBeNull();
  });
});

describe("settings of a program that stops", () => {
  it("are not taken over any more, which is said", async () => {
    const test = await start();
    const closing = test.app.close();
    expect(await change(test, fpsOf(test, 7))).toBe("The program is starting or stopping");
    await closing;
  });
});

describe("settings of keyboard and mouse", () => {
  const keymapOf = ({ config }: TestApp, keymap: string): Partial<DeviceConfig> => ({
    hid: { ...config.device.hid, keymap },
  });

  it("let go of what is held, and typing goes on with the next", async () => {
    const test = await start();
    const { target } = test.platform;
    const ws = await test.ws();
    ws.send("key", { key: "ShiftLeft", state: true });
    ws.send("mouse_button", { button: "left", state: true });
    await until(target.state, ({ modifiers, buttons }) => modifiers !== 0 && buttons !== 0);
    await change(test, keymapOf(test, "de"));
    expect(target.state.value).toMatchObject({ modifiers: 0, keys: [], buttons: 0 });
    await until(test.device.hid.state, ({ online, busy }) => online && !busy);
    ws.send("key", { key: "KeyH", state: true });
    ws.send("key", { key: "KeyH", state: false });
    await until(target.state, ({ lines }) => lines.join("") === "h");
    const told = await ws.waitFor("hid_keymaps", ({ keymaps }) =>
      JSON.stringify(keymaps).includes('"default":"de"'),
    );
    expect(told.eventType).toBe("hid_keymaps");
    expect(ws.socket.readyState).toBe(ws.socket.OPEN);
  });

  it("end a text that is being typed, with an error for who typed it and nothing left pressed", async () => {
    const test = await start();
    const { target } = test.platform;
    const typing = test.device.hid.print("x".repeat(500), { delaySeconds: 0.005 });
    const outcome = typing.catch((error: unknown) => String(error));
    await until(target.state, ({ lines }) => lines.join("").length > 3);
    await change(test, keymapOf(test, "de"));
    expect(await outcome).toContain("HidOfflineError");
    await until(test.device.hid.state, ({ online, busy }) => online && !busy);
    expect(target.state.value).toMatchObject({ modifiers: 0, keys: [] });
  });
});

describe("settings of the power buttons", () => {
  it("wait for a press under way, and count for the next one", async () => {
    const test = await createTestApp({ clock: quickClock(10), seed: { isOn: false } });
    const { atx } = test.device;
    const pressed: boolean[] = [];
    atx.state.subscribe(({ acts }, before) => {
      if (acts.power !== before.acts.power) pressed.push(acts.power);
    });
    const click = atx.click("power", { wait: true });
    await until(atx.state, ({ acts }) => acts.power);
    const changing = change(test, { atx: { ...test.config.device.atx, clickSeconds: 2 } });
    await expect(atx.click("reset", { wait: false })).rejects.toThrow("another ATX operation");
    await Promise.all([click, changing]);
    expect(pressed).toEqual([true, false]);
    await until(test.platform.target.state, ({ power }) => power);
    const began = test.platform.clock.monotonic();
    expect((await test.call("POST", "/api/atx/click?button=reset&wait=1")).status).toBe(200);
    // Two seconds and a pause of one; a timer may be a moment early, which is ten here.
    expect(test.platform.clock.monotonic() - began).toBeGreaterThan(2900);
  });
});

describe("settings of GPIO", () => {
  it("bring other channels, which clients are told of and can use", async () => {
    const output = (pin: number) => ({ driver: "__gpio__", pin, mode: "output" });
    const view = (name: string) => ({ header: { title: "Mine" }, table: [[`${name}|On`]] });
    const test = await start({ gpio: { scheme: { lamp: output(10) }, view: view("lamp") } });
    const ws = await test.ws();
    expect((await test.call("GET", "/api/gpio")).body).toContain('"lamp"');
    const { gpio } = test.config.device;
    const scheme = { fan: { ...gpio.scheme["lamp"], mode: "output", pin: 11 } } as const;
    await change(test, { gpio: { ...gpio, scheme, view: view("fan") } });
    const told = await ws.waitFor("gpio", (event) => JSON.stringify(event).includes("fan"));
    // The model comes before anything about channels that clients do not know.
    expect(told.event).toMatchObject({ model: { scheme: { outputs: { fan: {} } } } });
    expect(JSON.stringify(told.event)).not.toContain("lamp");
    expect((await test.call("GET", "/api/gpio")).body).not.toContain("lamp");
    const use = (name: string) =>
      test.call("POST", `/api/gpio/switch?channel=${name}&state=1&wait=1`);
    expect([(await use("fan")).status, (await use("lamp")).status]).toEqual([200, 400]);
  });
});

describe("settings of the USB device", () => {
  it("exchange input and disk with it, and nobody is sent away", async () => {
    const folder = tempDir();
    writeFileSync(join(folder, "disk.img"), "12345");
    const test = await start({ msd: { path: folder } });
    const { target } = test.platform;
    const { gadget, msd } = test.config.device;
    const ws = await test.ws();
    const connect = async (): Promise<void> => {
      await until(test.device.msd.state, ({ online }) => online);
      await test.device.msd.setParams({ image: "disk.img", cdrom: false });
      await test.device.msd.setConnected(true);
      await until(target.state, ({ disk }) => disk?.name === "disk.img");
    };
    await connect();
    // Another device on the computer's port: its drive is empty.
    await change(test, { gadget: { ...gadget, product: "Other" } });
    await until(target.state, ({ disk }) => disk === null);
    await connect();
    await change(test, { msd: { ...msd, enabled: false } });
    await ws.waitFor("msd", ({ enabled }) => enabled === false);
    expect((await test.call("POST", "/api/msd/reset")).status).toBe(400);
    await until(test.device.hid.state, ({ online, busy }) => online && !busy);
    expect(ws.socket.readyState).toBe(ws.socket.OPEN);
  });

  it("leave no key down on the computer, whose keyboard goes with it", async () => {
    const test = await start({ hid: { backend: "otg" } });
    const { target } = test.platform;
    const { gadget } = test.config.device;
    const ws = await test.ws();
    ws.send("key", { key: "ShiftLeft", state: true });
    await until(target.state, ({ modifiers }) => modifiers !== 0);
    await change(test, { gadget: { ...gadget, product: "Other" } });
    expect(target.state.value).toMatchObject({ modifiers: 0, keys: [] });
    await until(test.device.hid.state, ({ online, busy }) => online && !busy);
    ws.send("key", { key: "KeyH", state: true });
    ws.send("key", { key: "KeyH", state: false });
    await until(target.state, ({ lines }) => lines.join("") === "h");
  });

  it("are not concerned by limits of transfers, which count at once", async () => {
    const test = await start({ msd: { path: tempDir() } });
    const { msd } = test.config.device;
    const hidStates: unknown[] = [];
    test.device.hid.state.subscribe((state) => void hidStates.push(state));
    await change(test, { msd: { ...msd, remote: { ...msd.remote, enabled: false } } });
    await until(test.device.msd.state, ({ online }) => online);
    const url = encodeURIComponent("http://127.0.0.1:1/a.img");
    const answer = await test.call("POST", `/api/msd/write_remote?url=${url}`);
    expect(answer.body).toContain("Upload from an address is switched off");
    expect(hidStates).toEqual([]);
  });
});
