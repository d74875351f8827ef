import { createRequire } from "node:module";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/log.ts";
import { until } from "../../src/core/store.ts";
import { encodeRequest } from "../../src/protocol/ch9329/commands.ts";
import { createFileStore } from "../../src/platform/files/node-files.ts";
import { createMemoryJournal } from "../../src/platform/journal/memory.ts";
import { createUdpSender } from "../../src/platform/net/udp.ts";
import { createSimPlatform } from "../../src/platform/sim.ts";
import type { SimPlatform, SimPlatformOptions, SimSeed } from "../../src/platform/sim.ts";
import { SIM_ATX_PINS } from "../../src/platform/sim/gpio.ts";
import { makePtyLine, SIM_SERIAL_PATH } from "../../src/platform/sim/serial.ts";
import { gather } from "../contract/serial.ts";
import { fakeClock } from "../support/fake-clock.ts";

// NOTE: the serial tests need node-pty, serialport and the main thread; where one is missing they fail with the reason.

const made: SimPlatform[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((platform) => platform.close()));
});

async function create(options: Partial<SimPlatformOptions> = {}): Promise<SimPlatform> {
  const { clock = systemClock } = options;
  const platform = await createSimPlatform({
    clock,
    log: silentLogger,
    files: createFileStore(),
    journal: createMemoryJournal({ clock }),
    datagrams: createUdpSender(),
    service: {
      ready: () => undefined,
      stopping: () => undefined,
      status: () => undefined,
      watchdogMs: undefined,
      alive: () => undefined,
    },
    ...options,
  });
  made.push(platform);
  return platform;
}

const withPty = (seed: SimSeed = {}) => create({ makeLine: makePtyLine, seed });
const open = ({ serial }: SimPlatform) => serial.open(SIM_SERIAL_PATH, { baudRate: 9600 });

describe("createSimPlatform", () => {
  it("loads no native package before the serial port is opened", async () => {
    const { cache } = createRequire(import.meta.url);
    const loaded = () => Object.keys(cache).filter((path) => /node-pty|serialport/.test(path));
    const platform = await withPty();
    await platform.serial.list();
    await platform.gpio.chips();
    await platform.host.identity();
    expect(loaded()).toEqual([]);
    await open(platform);
    expect(loaded()).not.toEqual([]);
  });

  it("shows its chip on a real serial port and types on the computer behind it", async () => {
    const platform = await withPty();
    const link = await open(platform);
    const reply = gather(link, 7);
    await link.send(encodeRequest({ type: "keyboard", modifiers: 2, keys: [0x0b] }));
    expect([...(await reply)]).toEqual([0x57, 0xab, 0, 0x82, 1, 0, 0x85]);
    expect(platform.target.state.value.lines).toEqual(["H"]);
    expect(link.name).toBe(SIM_SERIAL_PATH);
  });

  it("ends the link at once when the plug is pulled, even while a child holds the terminal", async () => {
    const platform = await withPty();
    const link = await open(platform);
    const child = await platform.process.spawn("sleep", ["60"]);
    const closed = new Promise((resolve) => {
      link.onClose(resolve);
    });
    platform.chip.unplug();
    expect(await closed).toMatchObject({ code: "LINK_CLOSED" });
    expect(await platform.serial.list()).toEqual([]);
    platform.chip.replug();
    const again = await open(platform);
    const reply = gather(again, 14);
    await again.send(encodeRequest({ type: "getInfo" }));
    expect((await reply)[6]).toBe(1);
    await child.kill();
  });

  it("ends open links when it closes", async () => {
    const platform = await withPty();
    const link = await open(platform);
    const closed = new Promise((resolve) => {
      link.onClose(resolve);
    });
    await platform.close();
    expect(await closed).toBeInstanceOf(Error);
  });

  it("begins as it is told", async () => {
    const platform = await withPty({ isOn: false, chipBaudRate: 115_200, wireTiming: true });
    expect([platform.target.state.value.phase, platform.chip.baudRate]).toEqual(["off", 115_200]);
  });

  it("wires power button, computer and lights together", async () => {
    const clock = fakeClock();
    const platform = await create({ clock });
    const button = await platform.gpio.output(SIM_ATX_PINS.powerSwitch, {
      initial: false,
      activeLow: false,
    });
    await button.write(true);
    await clock.advance(5000);
    await button.write(false);
    await until(platform.target.state, ({ phase }) => phase === "off");
    await platform.close();
    expect(clock.pending).toBe(0);
  });

  it("announces itself as simulated", async () => {
    const platform = await create();
    expect([platform.kind, platform.gpio.kind, (await platform.host.identity()).preset]).toEqual([
      "sim",
      "sim",
      "sim",
    ]);
  });
});
