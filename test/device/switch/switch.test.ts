import { describe, expect, it } from "vitest";
import { createScope } from "../../../src/core/scope.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { StorageError } from "../../../src/core/errors.ts";
import { createSwitch } from "../../../src/device/switch/switch.ts";
import type { FileStore } from "../../../src/platform/files/port.ts";
import { DEFAULT_EDID } from "../../../src/protocol/switch/default-edid.ts";
import { padEdid } from "../../../src/protocol/switch/edid.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { recordingLogger } from "../../support/recording-logger.ts";
import { SwitchUnits } from "../../support/switch-unit.ts";

const PATH = "/dev/kvmd-switch";
const EDID = "00FFFFFFFFFFFF00".padEnd(256, "0");

interface SetUp {
  readonly units?: SwitchUnits;
  readonly files?: FileStore;
  readonly config?: object;
}

function notStarted(options: SetUp = {}) {
  const clock = fakeClock();
  const log = recordingLogger();
  const scope = createScope("test", log);
  const { units = new SwitchUnits(), files = memoryFiles({ [PATH]: "" }) } = options;
  const multiport = createSwitch({
    config: { serialPath: PATH, defaultEdidFile: "", ignoreHpdOnTop: false, ...options.config },
    dataDir: "/data",
    serial: units.bus(),
    files,
    clock,
    log,
  });
  return { clock, log, scope, units, files, multiport };
}

async function setUp(options: SetUp = {}) {
  const made = notStarted(options);
  await made.multiport.start(made.scope);
  await made.clock.advance(0);
  return made;
}

describe("Switch without a unit", () => {
  it("has no ports, no active one, and everything at its default", async () => {
    const { multiport } = await setUp({ files: memoryFiles({}) });
    const { settings, ...rest } = multiport.state.value;
    expect(rest).toEqual({ online: false, units: [], activePort: -1, synced: true });
    expect(Object.keys(settings.edids)).toEqual(["default"]);
  });

  it("accepts commands for ports that are not there", async () => {
    const { multiport, units } = await setUp({ files: memoryFiles({}) });
    multiport.setActive(99);
    multiport.step(1);
    multiport.step(-1);
    multiport.setBeacon({ uplink: 3 }, true);
    multiport.reset(0, false);
    multiport.power(0, "on");
    multiport.click(1.2, "reset");
    expect({ active: multiport.state.value.activePort, seen: units.seen }).toEqual({
      active: -1,
      seen: [],
    });
  });

  it("finds a unit that is plugged in later", async () => {
    const files = memoryFiles({});
    const { multiport, clock } = await setUp({ files });
    await files.writeAtomic(PATH, "");
    await clock.advance(10_000);
    expect(multiport.state.value.online).toBe(true);
  });

  it("is found by its USB numbers, whatever it is called", async () => {
    const units = new SwitchUnits(1, "/dev/ttyACM3");
    const { multiport } = await setUp({
      units,
      files: memoryFiles({}),
      config: { serialPath: "auto" },
    });
    expect(multiport.state.value.online).toBe(true);
  });

  it("never looks for one when told so", async () => {
    const { clock } = await setUp({ config: { serialPath: "" } });
    expect(clock.pending).toBe(0);
  });
});

describe("Switch settings", () => {
  it("keep EDIDs, colors and ports over a restart", async () => {
    const files = memoryFiles({});
    const first = await setUp({ files });
    const id = await first.multiport.createEdid({ name: "Mine", data: EDID });
    await first.multiport.setColors({ beacon: "0102FF:80:01F4" });
    await first.multiport.setPort(2, { edidId: id, name: "Mac", dummy: false, powerSeconds: 1.5 });
    const second = await setUp({ files });
    const { settings } = second.multiport.state.value;
    expect(settings).toEqual(first.multiport.state.value.settings);
    expect(settings.colors.beacon).toEqual({
      red: 1,
      green: 2,
      blue: 255,
      brightness: 128,
      blinkMs: 500,
    });
    expect(settings.ports).toMatchObject({ 2: { edidId: id, name: "Mac", powerSeconds: 1.5 } });
  });

  it("restore defaults for an empty name, 0 seconds and the word default", async () => {
    const { multiport } = await setUp();
    await multiport.setPort(0, { name: "x", resetSeconds: 3 });
    await multiport.setColors({ active: "000000:00:0000" });
    await multiport.setPort(0, { name: "", resetSeconds: 0 });
    await multiport.setColors({ active: "default" });
    const { ports, colors } = multiport.state.value.settings;
    expect([ports["0"]?.name, ports["0"]?.resetSeconds, colors.active.green]).toEqual([
      "",
      0.5,
      255,
    ]);
  });

  it("let the ports of a removed EDID show the default again", async () => {
    const { multiport } = await setUp();
    const id = await multiport.createEdid({ name: "Mine", data: EDID });
    await multiport.setPort(1, { edidId: id });
    await multiport.removeEdid(id);
    expect(multiport.state.value.settings.ports["1"]?.edidId).toBe("default");
  });

  it("change only what is named of an EDID", async () => {
    const { multiport } = await setUp();
    const id = await multiport.createEdid({ name: "Mine", data: EDID });
    await multiport.changeEdid(id, { name: "Yours" });
    expect(multiport.state.value.settings.edids[id]).toEqual({ name: "Yours", data: EDID });
  });

  it("refuse ids that are not there", async () => {
    const { multiport } = await setUp();
    const id = "550e8400-e29b-41d4-a716-446655440000";
    for (const attempt of [
      multiport.setPort(0, { edidId: id }),
      multiport.changeEdid(id, { name: "x" }),
      multiport.removeEdid(id),
      multiport.removeEdid("constructor"),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: "SWITCH_UNKNOWN_EDID" });
    }
  });

  it("hold no more EDIDs and ports than a chain can need", async () => {
    const { multiport } = await setUp();
    for (let count = 0; count < 64; count += 1) {
      await multiport.createEdid({ name: `n${count}`, data: EDID });
    }
    await expect(multiport.createEdid({ name: "x", data: EDID })).rejects.toMatchObject({
      code: "SWITCH_TOO_MANY_EDIDS",
    });
    await multiport.setPort(20, { name: "x" });
    expect(multiport.state.value.settings.ports).toEqual({});
  });

  it("stay as they were when they cannot be stored, and can be changed again", async () => {
    const base = memoryFiles({ [PATH]: "" });
    let isFull = true;
    const files: FileStore = {
      ...base,
      writeAtomic: (path, text) =>
        isFull ? Promise.reject(new StorageError("full")) : base.writeAtomic(path, text),
    };
    const { multiport } = await setUp({ files });
    await expect(multiport.setPort(0, { name: "x" })).rejects.toMatchObject({ code: "STORAGE" });
    expect(multiport.state.value.settings.ports).toEqual({});
    isFull = false;
    await multiport.setPort(0, { name: "y" });
    expect(multiport.state.value.settings.ports["0"]?.name).toBe("y");
  });

  it("lose nothing when several are changed at once", async () => {
    const { multiport } = await setUp();
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name, port) => multiport.setPort(port, { name })));
    const { ports } = multiport.state.value.settings;
    expect(Object.values(ports).map(({ name }) => name)).toEqual(names);
  });

  it.each(["no json", "[]", '{"edids":{"x":{"name":1}},"ports":{"a":1,"99":{}},"colors":3}'])(
    "fall back to the defaults for a file with %s",
    async (text) => {
      const { multiport } = await setUp({ files: memoryFiles({ "/data/switch.json": text }) });
      const { edids, ports, colors } = multiport.state.value.settings;
      expect([Object.keys(edids), ports, colors.inactive.red]).toEqual([["default"], {}, 255]);
    },
  );

  it("that are stored already are not lost to who comes before the start", async () => {
    const files = memoryFiles({ [PATH]: "" });
    const { multiport } = await setUp({ files });
    await multiport.setPort(0, { name: "stored" });
    const { multiport: next, scope } = notStarted({ files });
    await next.setPort(1, { name: "early" });
    await next.start(scope);
    const { ports } = next.state.value.settings;
    expect([ports["0"]?.name, ports["1"]?.name]).toEqual(["stored", "early"]);
    expect(files.content("/data/switch.json")).toContain("stored");
  });

  it("are stored before the device has stopped, for whoever reads them next", async () => {
    const base = memoryFiles({ [PATH]: "" });
    const writing = createStore(true);
    const files: FileStore = {
      ...base,
      writeAtomic: async (path, text) => {
        await until(writing, (isSlow) => !isSlow);
        await base.writeAtomic(path, text);
      },
    };
    const { multiport, scope } = await setUp({ files });
    const changing = multiport.setPort(0, { name: "late" });
    const closing = scope.close().then(() => base.content("/data/switch.json"));
    writing.set(false);
    expect(await closing).toContain("late");
    await changing;
  });

  it("take the default EDID from its file", async () => {
    const files = memoryFiles({ "/etc/edid.hex": `${EDID.slice(0, 32)}\n${EDID.slice(32)}\n` });
    const { multiport } = await setUp({ files, config: { defaultEdidFile: "/etc/edid.hex" } });
    expect(multiport.state.value.settings.edids["default"]?.data).toBe(EDID);
  });
});

describe("Switch with units", () => {
  it("reads the units and brings them to what is set, one change at a time", async () => {
    const { multiport, units, clock } = await setUp();
    await clock.advance(0);
    const { online, synced, activePort } = multiport.state.value;
    expect({ online, synced, activePort }).toEqual({ online: true, synced: true, activePort: -1 });
    expect(units.requests().map(({ op, body }) => [op, body[0], body.length])).toEqual([
      [9, 0, 257],
      [9, 1, 257],
      [9, 2, 257],
      [9, 3, 257],
    ]);
    expect(units.requests()[0]?.body.slice(1)).toEqual([...padEdid(DEFAULT_EDID)]);
  });

  it("begins with the port that a unit shows", async () => {
    const units = new SwitchUnits(2);
    const [, second] = units.units;
    if (second !== undefined) second.channel = 1;
    const { multiport } = await setUp({ units });
    expect(multiport.state.value.activePort).toBe(5);
  });

  it("switches every unit of the way, and stops at the ends of the chain", async () => {
    const units = new SwitchUnits(2);
    const { multiport, clock } = await setUp({ units });
    multiport.setActive(2.3);
    await clock.advance(0);
    expect(units.units.map(({ channel }) => channel)).toEqual([4, 2]);
    multiport.setActive(0);
    await clock.advance(0);
    multiport.step(-1);
    await clock.advance(0);
    expect(units.units.map(({ channel }) => channel)).toEqual([0, 4]);
    multiport.setActive(7);
    multiport.step(1);
    expect(multiport.state.value.activePort).toBe(7);
  });

  it("says that it is not synced while a unit still changes", async () => {
    const { multiport, units, clock } = await setUp();
    const [unit] = units.units;
    if (unit !== undefined) unit.isChanging = true;
    units.report(0);
    await clock.advance(0);
    expect(multiport.state.value.synced).toBe(false);
  });

  it("asks a busy unit for nothing, and again when an answer does not come", async () => {
    const { multiport, units, clock } = await setUp();
    units.isSilent = true;
    multiport.setActive(1);
    await clock.advance(1000);
    expect(units.requests(5)).toHaveLength(1);
    units.report(0);
    await clock.advance(4500);
    units.report(0);
    await clock.advance(0);
    expect(units.requests(5)).toHaveLength(2);
  });

  it("asks a unit that refuses or does not obey again, but not as fast as the line allows", async () => {
    for (const kind of ["refused", "ignored"] as const) {
      const units = new SwitchUnits();
      units[kind].add(9);
      const { clock } = await setUp({ units });
      await clock.advance(500);
      expect(units.requests(9)).toHaveLength(1);
      await clock.advance(12_000);
      const { length } = units.requests(9);
      expect(length).toBeGreaterThan(1);
      expect(length).toBeLessThan(5);
    }
  });

  it("presses buttons for the port's own time, and only where the action makes sense", async () => {
    const { multiport, units, clock } = await setUp();
    await multiport.setPort(1, { powerSeconds: 1.5 });
    multiport.power(1, "off");
    multiport.power(1, "on");
    multiport.click(3, "power_long");
    multiport.click(3, "reset");
    await clock.advance(0);
    expect(units.requests(8).map(({ body }) => body)).toEqual([
      [1, 0, 220, 5],
      [3, 0, 124, 21],
      [3, 1, 244, 1],
    ]);
    const [unit] = units.units;
    if (unit !== undefined) [unit.leds, unit.atxBusy] = [0b0010, 0b1000];
    units.reportLeds(0);
    units.report(0);
    await clock.advance(0);
    multiport.power(1, "on");
    multiport.power(1, "off_hard");
    multiport.click(3, "power");
    await clock.advance(0);
    expect(
      units
        .requests(8)
        .slice(3)
        .map(({ body }) => body),
    ).toEqual([[1, 0, 124, 21]]);
  });

  it("lights beacons of ports, uplinks and downlinks, and reboots units", async () => {
    const { multiport, units, clock } = await setUp();
    multiport.setBeacon({ port: 2 }, true);
    multiport.setBeacon({ uplink: 0 }, true);
    multiport.setBeacon({ downlink: 0 }, false);
    multiport.reset(0, false);
    multiport.reset(0, true);
    multiport.setBeacon({ uplink: 1 }, true);
    await clock.advance(0);
    expect(
      units
        .requests()
        .slice(4)
        .map(({ op, body }) => [op].concat(body)),
    ).toEqual([[6, 2, 1], [6, 5, 1], [6, 4, 0], [3], [2]]);
    expect(multiport.state.value.units[0]?.state.beacons[2]).toBe(true);
  });

  it("sends new colors to every light, and an EDID that is not one is taken away", async () => {
    const { multiport, units, clock } = await setUp();
    await multiport.setColors({ active: "010203:04:0500" });
    const id = await multiport.createEdid({ name: "none", data: "".padEnd(256, "0") });
    await multiport.setPort(0, { edidId: id });
    await clock.advance(0);
    expect(units.requests(12).map(({ body }) => body[0])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(units.requests(10).map(({ body }) => body)).toEqual([[0]]);
    expect(multiport.state.value.synced).toBe(true);
  });

  it("tells older units nothing that they do not know", async () => {
    const units = new SwitchUnits();
    const [unit] = units.units;
    if (unit !== undefined) [unit.version, unit.dummies] = [6, 0];
    const { clock } = await setUp({ units, config: { ignoreHpdOnTop: true } });
    await clock.advance(0);
    expect([...units.requests(13), ...units.requests(14)]).toEqual([]);
  });

  it("lets the first unit believe in a screen where that is configured", async () => {
    const units = new SwitchUnits(2);
    await setUp({ units, config: { ignoreHpdOnTop: true } });
    expect(units.units.map(({ ignoreHpd }) => ignoreHpd)).toEqual([true, false]);
  });

  it("forgets the units behind one that has no next any more", async () => {
    const units = new SwitchUnits(3);
    const { multiport, clock } = await setUp({ units });
    expect(multiport.state.value.units).toHaveLength(3);
    units.units.length = 1;
    units.report(0);
    await clock.advance(0);
    expect(multiport.state.value.units).toHaveLength(1);
  });

  it("survives noise, refusals and units that cannot exist", async () => {
    const { multiport, units, clock } = await setUp();
    units.say(Uint8Array.of(0xf1, 1, 2, 0xf2, 0xff, 0xf0, 0xf1, 0xf0, 0xf2));
    units.refuse(4, 2);
    units.refuse(200, 1);
    await clock.advance(0);
    expect(multiport.state.value.units).toHaveLength(1);
  });

  it("goes offline when the unit is unplugged, and comes back", async () => {
    const { multiport, units, clock } = await setUp();
    multiport.setActive(1);
    await clock.advance(0);
    units.unplug();
    await clock.advance(0);
    const { online, units: known, activePort, synced } = multiport.state.value;
    expect({ online, known, activePort, synced }).toEqual({
      online: false,
      known: [],
      activePort: -1,
      synced: true,
    });
    await clock.advance(1000);
    expect(multiport.state.value.online).toBe(true);
  });

  it("counts a unit that falls silent as gone", async () => {
    const { multiport, units, clock } = await setUp();
    units.isSilent = true;
    await clock.advance(20_000);
    expect(multiport.state.value.units).toEqual([]);
  });

  it("leaves no timer and no open link when the device stops", async () => {
    const { multiport, scope, clock } = await setUp();
    await until(multiport.state, ({ online }) => online);
    await scope.close();
    expect({ pending: clock.pending, online: multiport.state.value.online }).toEqual({
      pending: 0,
      online: false,
    });
  });
});
