import { describe, expect, it } from "vitest";
import { switchSource } from "../../../src/api/kvmd/switch.ts";
import { switchView } from "../../../src/api/kvmd/switch-view.ts";
import { createScope } from "../../../src/core/scope.ts";
import { createSwitch } from "../../../src/device/switch/switch.ts";
import { addAccount } from "../../support/app-accounts.ts";
import { createTestApp } from "../../support/create-test-app.ts";
import type { TestApp } from "../../support/create-test-app.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { SwitchUnits } from "../../support/switch-unit.ts";

const EDID = "00FFFFFFFFFFFF00".padEnd(256, "0");
const PATH = "/dev/kvmd-switch";

interface Answer {
  readonly edids: {
    readonly all: Readonly<Record<string, { readonly name: string; readonly parsed: unknown }>>;
    readonly used: readonly string[];
  };
  readonly colors: Readonly<Record<string, unknown>>;
}

async function post(test: TestApp, path: string) {
  const { status, body } = await test.call("POST", `/api/switch/${path}`);
  const { result }: { result: { error?: string; id?: string } } = JSON.parse(body);
  return { status, ...result };
}

async function withUnits(count: number) {
  const clock = fakeClock();
  const log = recordingLogger();
  const units = new SwitchUnits(count);
  const multiport = createSwitch({
    config: { serialPath: PATH, defaultEdidFile: "", ignoreHpdOnTop: false },
    dataDir: "/data",
    serial: units.bus(),
    files: memoryFiles({ [PATH]: "" }),
    clock,
    log,
  });
  await multiport.start(createScope("test", log));
  await clock.advance(0);
  return { clock, units, multiport };
}

describe("/api/switch without a unit", () => {
  it("is PiKVM's document with nothing connected", async () => {
    const test = await createTestApp();
    const { edids, ...rest } = await test.get<Answer>("/api/switch");
    expect(rest).toEqual({
      model: {
        firmware: { version: 9 },
        units: [],
        ports: [],
        limits: {
          atx: {
            click_delays: {
              power: { default: 0.5, min: 0, max: 10 },
              power_long: { default: 5.5, min: 0, max: 10 },
              reset: { default: 0.5, min: 0, max: 10 },
            },
          },
        },
      },
      summary: { active_port: -1, active_id: "", synced: true },
      colors: {
        inactive: { red: 255, green: 0, blue: 0, brightness: 64, blink_ms: 0 },
        active: { red: 0, green: 255, blue: 0, brightness: 128, blink_ms: 0 },
        flashing: { red: 0, green: 170, blue: 255, brightness: 128, blink_ms: 0 },
        beacon: { red: 228, green: 44, blue: 156, brightness: 255, blink_ms: 250 },
        bootloader: { red: 255, green: 170, blue: 0, brightness: 128, blink_ms: 0 },
      },
      video: { links: [] },
      usb: { links: [] },
      beacons: { uplinks: [], downlinks: [], ports: [] },
      atx: { busy: [], leds: { power: [], hdd: [] } },
    });
    expect(edids.used).toEqual([]);
    expect(edids.all["default"]).toMatchObject({
      name: "Default",
      parsed: { mfc_id: "LNX", product_id: 1, serial: 0, monitor_name: "FARHAND", audio: false },
    });
  });

  it("accepts every command", async () => {
    const test = await createTestApp();
    const commands = [
      "set_active?port=99",
      "set_active?port=2.3",
      "set_active_prev",
      "set_active_next",
      "set_beacon?state=1&port=1",
      "set_beacon?state=0&uplink=0",
      "set_beacon?state=0&downlink=0",
      "set_port_params?port=1&name=Mac&dummy=0&edid_id=default&atx_click_power_delay=2",
      "set_colors?beacon=0102ff:80:01f4&active=default",
      "reset?unit=0&bootloader=1",
      "atx/power?port=0&action=on",
      "atx/click?port=0&button=RESET",
    ];
    const answers = await Promise.all(commands.map((command) => post(test, command)));
    expect(answers).toEqual(commands.map(() => ({ status: 200 })));
  });

  it.each([
    ["set_active", "ValidatorError"],
    ["set_active?port=-1", "ValidatorError"],
    ["set_beacon?port=1", "ValidatorError"],
    ["set_beacon?state=1", "ValidatorError"],
    ["set_port_params?port=0&atx_click_reset_delay=10.1", "ValidatorError"],
    ["set_port_params?port=0&edid_id=nope", "ValidatorError"],
    ["reset?unit=x", "ValidatorError"],
    ["atx/power?port=0&action=explode", "ValidatorError"],
    ["edids/create?name=%20&data=00", "ValidatorError"],
    ["edids/create?name=x&data=00", "ValidatorError"],
    [`edids/create?data=${EDID}`, "ValidatorError"],
    ["edids/change?id=default&name=x", "ValidatorError"],
    ["edids/change?id=550e8400-e29b-41d4-a716-446655440000&name=x", "SwitchUnknownEdidError"],
    [
      "set_port_params?port=0&edid_id=550e8400-e29b-41d4-a716-446655440000",
      "SwitchUnknownEdidError",
    ],
  ])("refuses %s", async (command, error) => {
    const test = await createTestApp();
    expect(await post(test, command)).toMatchObject({ status: 400, error });
  });

  it("creates, changes and removes EDIDs", async () => {
    const test = await createTestApp();
    const { id = "" } = await post(test, `edids/create?name=Mine&data=${EDID.toLowerCase()}`);
    const made = await test.get<Answer>("/api/switch");
    await post(test, `edids/change?id=${id}&name=Yours`);
    const changed = await test.get<Answer>("/api/switch");
    await post(test, `edids/remove?id=${id}`);
    const removed = await test.get<Answer>("/api/switch");
    expect(made.edids.all[id]).toMatchObject({ name: "Mine", data: EDID });
    expect(changed.edids.all[id]?.name).toBe("Yours");
    expect(Object.keys(removed.edids.all)).toEqual(["default"]);
  });

  it("lets viewers read and nothing else", async () => {
    const test = await createTestApp();
    const headers = await addAccount(test, "vera", "viewer");
    const [read, write] = await Promise.all([
      test.call("GET", "/api/switch", { headers }),
      test.call("POST", "/api/switch/set_active_next", { headers }),
    ]);
    expect([read.status, write.status]).toEqual([200, 403]);
  });

  it("is told to WebSocket clients, in parts when something changes", async () => {
    const test = await createTestApp();
    const client = await test.ws();
    await client.waitFor("switch", (event) => "model" in event);
    await post(test, "set_colors?beacon=0102ff:80:01f4");
    const { event } = await client.waitFor("switch", (parts) => !("model" in parts));
    expect(Object.keys(event)).toEqual(["colors"]);
  });
});

describe("/api/switch with units", () => {
  it("numbers ports by unit only where there are several", async () => {
    const [one, two] = [await withUnits(1), await withUnits(2)];
    one.multiport.setActive(2);
    two.multiport.setActive(6);
    const views = [switchView(one.multiport.state.value), switchView(two.multiport.state.value)];
    expect(views.map(({ model, summary }) => [model.ports.at(-1)?.id, summary.active_id])).toEqual([
      ["4", "3"],
      ["2.4", "2.3"],
    ]);
  });

  it("lists everything by port, and links by unit", async () => {
    const { clock, units, multiport } = await withUnits(2);
    const [, second] = units.units;
    if (second !== undefined) {
      Object.assign(second, {
        videoLinks: 0b0010,
        usbLinks: 0b0100,
        beacons: 0b110001,
        leds: 0x18,
      });
    }
    units.report(1);
    units.reportLeds(1);
    await clock.advance(0);
    const view = switchView(multiport.state.value);
    expect(view.video.links).toEqual([false, false, false, false, false, true, false, false]);
    expect(view.usb.links.indexOf(true)).toBe(6);
    expect(view.beacons).toEqual({
      uplinks: [false, true],
      downlinks: [false, true],
      ports: [false, false, false, false, true, false, false, false],
    });
    expect([view.atx.leds.power.indexOf(true), view.atx.leds.hdd.indexOf(true)]).toEqual([7, 4]);
    expect(view.edids.used).toHaveLength(8);
  });

  it("tells clients the whole when the model changes, and after it each part that changed", async () => {
    const { clock, units, multiport } = await withUnits(1);
    const told: string[] = [];
    switchSource(multiport).watch((key, _type, event) => {
      const parts = typeof event === "object" && event !== null ? Object.keys(event) : [];
      told.push(`${key}: ${parts.length}`);
    });
    const [unit] = units.units;
    if (unit !== undefined) unit.usbLinks = 1;
    units.report(0);
    await clock.advance(0);
    expect(told).toEqual(["switch:usb: 1"]);
    units.unplug();
    await clock.advance(0);
    expect(told.slice(1)).toEqual(
      ["switch: 8", "edids", "video", "usb", "beacons", "atx"].map((part) =>
        part.includes(":") ? part : `switch:${part}: 1`,
      ),
    );
  });
});
