import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { hidSource } from "../../../src/api/kvmd/hid.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { LAYOUT_NAMES } from "../../../src/protocol/hid/layout-loader.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { ONLINE_STATE } from "../../support/fake-hid-driver.ts";
import { createHidApp } from "../../support/hid-app.ts";
import { httpCall } from "../../support/http-request.ts";

async function testApi(config = {}, clock = systemClock) {
  const setup = await createHidApp({ config, clock });
  const call = async (method: string, path: string, body?: string) => {
    const options = body === undefined ? { method } : { method, body };
    const reply = await httpCall(setup.url, `/api${path}`, options);
    return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.body) };
  };
  const post = (path: string, body?: string) => call("POST", path, body);
  return { ...setup, call, post };
}

const refusal = (message: string) => ({
  ok: false,
  result: { error: "ValidatorError", error_msg: message },
});

describe("GET /api/hid", () => {
  it("shows the state as PiKVM does", async () => {
    const { call } = await testApi();
    const { status, headers, body } = await call("GET", "/hid");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(body).toEqual({
      ok: true,
      result: {
        enabled: true,
        online: true,
        busy: false,
        connected: null,
        keyboard: {
          online: true,
          leds: { caps: false, num: false, scroll: false },
          outputs: { active: "", available: [] },
        },
        mouse: {
          online: true,
          absolute: true,
          outputs: { active: "usb", available: ["usb", "usb_rel"] },
        },
        jiggler: { enabled: true, active: false, interval: 60 },
      },
    });
  });

  it("lists the keymaps and tells the inactivity", async () => {
    const { call } = await testApi({ keymap: "de" }, fakeClock());
    expect((await call("GET", "/hid/keymaps")).body.result).toEqual({
      keymaps: { default: "de", available: LAYOUT_NAMES },
    });
    expect((await call("GET", "/hid/inactivity")).body.result).toEqual({ inactivity: 0 });
  });
});

describe("POST /api/hid", () => {
  it("sets outputs and jiggler, accepting outputs that the device lacks", async () => {
    const { post, hid } = await testApi();
    const done = await post("/hid/set_params?mouse_output=usb_rel&jiggler=1&keyboard_output=ps2");
    expect(done.body).toEqual({ ok: true, result: {} });
    expect(hid.state.value).toMatchObject({
      mouse: { absolute: false, outputs: { active: "usb_rel" } },
      jiggler: { active: true },
    });
    expect((await post("/hid/set_params?mouse_output=ps2")).status).toBe(200);
    expect(hid.state.value.mouse.outputs.active).toBe("usb_rel");
    expect((await post("/hid/set_params")).status).toBe(200);
  });

  it("resets and connects", async () => {
    const { post, driver } = await testApi();
    expect((await post("/hid/reset")).body).toEqual({ ok: true, result: {} });
    expect(driver.resets).toBe(1);
    expect((await post("/hid/set_connected?connected=1")).status).toBe(200);
  });

  it("sends single keys, with and without state", async () => {
    const { post, driver } = await testApi();
    await post("/hid/events/send_key?key=KeyA");
    await post("/hid/events/send_key?key=ShiftLeft");
    await post("/hid/events/send_key?key=KeyB&state=true");
    await post("/hid/events/send_key?key=KeyB&state=0");
    await post("/hid/events/send_key?key=KeyC&state=1&finish=1");
    expect(driver.sent).toEqual([
      "key 00+04",
      "key 00+",
      "key 02+",
      "key 02+05",
      "key 02+",
      "key 02+06",
      "key 02+",
    ]);
  });

  it("keeps ignored keys away from single events, but not from shortcuts", async () => {
    const { post, driver } = await testApi({ ignoreKeys: ["KeyA"] });
    await post("/hid/events/send_key?key=KeyA");
    expect(driver.sent).toEqual([]);
    await post("/hid/events/send_shortcut?keys=KeyA");
    expect(driver.sent).toEqual(["key 00+04", "key 00+"]);
  });

  it("answers a shortcut when it has been played", async () => {
    const { post, driver } = await testApi();
    expect((await post("/hid/events/send_shortcut?keys=ControlLeft,%20KeyL")).status).toBe(200);
    expect(driver.sent).toEqual(["key 01+", "key 01+0f", "key 01+", "key 00+"]);
    expect((await post("/hid/events/send_shortcut?keys=")).status).toBe(200);
    expect(driver.sent).toHaveLength(4);
  });

  it("sends mouse events, clamped", async () => {
    const { post, driver } = await testApi();
    await post("/hid/events/send_mouse_button?button=LEFT");
    await post("/hid/events/send_mouse_button?button=up&state=1");
    await post("/hid/events/send_mouse_move?to_x=99999&to_y=-99999");
    await post("/hid/events/send_mouse_wheel?delta_x=0&delta_y=200");
    await post("/hid/set_params?mouse_output=usb_rel");
    await post("/hid/events/send_mouse_relative?delta_x=-300&delta_y=300");
    expect(driver.sent).toEqual([
      "buttons 1",
      "buttons 0",
      "buttons 8",
      "absolute 32767 -32768",
      "wheel 0 127",
      "buttons 0",
      "relative -127 127",
    ]);
  });

  it.each([
    ["/hid/set_params?mouse_output=bogus", "The argument 'bogus' is not a valid Mouse output"],
    [
      "/hid/set_params?jiggler=on",
      "The argument 'on' is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
    ],
    [
      "/hid/set_connected",
      "None argument is not a valid bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])",
    ],
    ["/hid/events/send_key", "None argument is not a valid Keyboard key"],
    ["/hid/events/send_key?key=keya", "The argument 'keya' is not a valid Keyboard key"],
    ["/hid/events/send_shortcut", "None argument is not a valid string list"],
    ["/hid/events/send_mouse_wheel?delta_y=1", "None argument is not a valid Mouse delta"],
    ["/hid/events/send_mouse_move?to_x=1.1&to_y=0", "The argument '1.1' is not a valid Mouse move"],
    ["/hid/print?keymap=nope", "The argument 'nope' is not a valid keymap"],
    ["/hid/print?limit=-1", "The argument '-1' must be int and greater or equial than 0"],
    ["/hid/print?delay=6", "The argument '6.0' must be keys delay and lesser or equal then 5"],
  ])("refuses %s", async (path, message) => {
    const { post, driver } = await testApi();
    const { status, body } = await post(path, "x");
    expect(status).toBe(400);
    expect(body).toEqual(refusal(message));
    expect(driver.sent).toEqual([]);
  });

  it("presses nothing of a shortcut with an unknown key", async () => {
    const { post, driver } = await testApi();
    const { status, body } = await post("/hid/events/send_shortcut?keys=KeyA,nope");
    expect(status).toBe(400);
    expect(body.result.error).toBe("ValidatorError");
    expect(driver.sent).toEqual([]);
  });
});

describe("POST /api/hid/print", () => {
  it("answers when the text is queued, cut at the limit", async () => {
    const { post, driver } = await testApi();
    const done = await post("/hid/print?delay=0.001&limit=3", "Hello, world\n");
    expect(done.body).toEqual({ ok: true, result: {} });
    expect(driver.sent.filter((report) => !report.endsWith("+"))).toEqual([
      "key 02+0b",
      "key 00+08",
      "key 00+0f",
    ]);
  });

  it("types UTF-8 with the named keymap, aliases included", async () => {
    const { post, driver } = await testApi();
    await post("/hid/print?keymap=de", "ü");
    await post("/hid/print?keymap=us", "z");
    expect(driver.sent.filter((report) => !report.endsWith("+"))).toEqual([
      "key 00+2f",
      "key 00+1d",
    ]);
  });

  it("refuses a text of more than a mebibyte", async () => {
    const { url } = await testApi();
    const body = "a".repeat(1024 * 1024 + 1);
    const reply = await httpCall(url, "/api/hid/print", { method: "POST", body });
    expect(reply.status).toBe(413);
  });

  it("says so when the chip is offline", async () => {
    const { post, driver } = await testApi();
    driver.state.set({ ...ONLINE_STATE, online: false, lastError: "no chip on /dev/ttyUSB0" });
    const { status, body } = await post("/hid/print", "a");
    expect(status).toBe(503);
    expect(body.result).toEqual({ error: "HidOfflineError", error_msg: "no chip on /dev/ttyUSB0" });
  });

  it("stops typing and releases everything when the client hangs up", async () => {
    const { url, driver, sent } = await testApi();
    const outgoing = request(`${url}/api/hid/print?delay=0.02`, { method: "POST" });
    outgoing.on("error", () => undefined);
    outgoing.end("ABC".repeat(300));
    await sent(2);
    outgoing.destroy();
    await new Promise<void>((resolve) => {
      driver.onSubmit = (report) => {
        if (report.type === "keyboard" && report.modifiers === 0) resolve();
      };
    });
    expect(driver.sent.length).toBeLessThan(20);
  });
});

describe("hidSource", () => {
  it("gives both events as a snapshot and passes on changes that clients can see", async () => {
    const { hid, driver } = await createHidApp();
    const source = hidSource(hid);
    expect(source.snapshot().map(({ eventType }) => eventType)).toEqual(["hid", "hid_keymaps"]);
    const seen: string[] = [];
    const unsubscribe = source.watch((key, eventType) => {
      seen.push(`${key} ${eventType}`);
    });
    driver.state.set({ ...ONLINE_STATE, lastError: "contained" });
    expect(seen).toEqual([]);
    driver.state.set({ ...ONLINE_STATE, leds: { num: true, caps: false, scroll: false } });
    expect(seen).toEqual(["hid hid"]);
    unsubscribe();
    driver.state.set(ONLINE_STATE);
    expect(seen).toHaveLength(1);
  });
});
