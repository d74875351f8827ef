import { describe, expect, it } from "vitest";
import { probeHidChip } from "../../../src/device/hid/probe.ts";
import type { SerialBus } from "../../../src/platform/serial/port.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { FakeCh9329 } from "./ch9329-peer.ts";
import { FakeMcu } from "./mcu-peer.ts";

const PATH = "/dev/ttyUSB0";

async function probe(bus: SerialBus, advanceMs = 5000, signal?: AbortSignal): Promise<unknown> {
  const clock = fakeClock();
  const probing = probeHidChip(bus, PATH, clock, signal);
  await clock.advance(advanceMs);
  const found = await probing;
  expect(clock.pending).toBe(0);
  return found;
}

describe("probeHidChip", () => {
  it.each([9600, 115_200])("finds a CH9329 at %i baud", async (baudRate) => {
    const chip = new FakeCh9329();
    chip.baudRate = baudRate;
    expect(await probe(chip.bus)).toEqual({
      chip: "ch9329",
      baudRate,
      description: `CH9329 V1.8 at ${baudRate} baud on ${PATH}`,
    });
  });

  it("forgives a first frame that opening the port spoiled", async () => {
    const chip = new FakeCh9329();
    chip.react = () => (chip.requests.length === 1 ? 0xe4 : "usual");
    expect(await probe(chip.bus)).toMatchObject({ chip: "ch9329", baudRate: 9600 });
  });

  it("finds a microcontroller, of which a CH9329's requests are only garbage", async () => {
    const mcu = new FakeMcu();
    expect(await probe(mcu.bus)).toEqual({
      chip: "mcu",
      baudRate: 115_200,
      description: `MCU HID at 115200 baud on ${PATH}`,
    });
  });

  it("presses nothing", async () => {
    const chip = new FakeCh9329();
    const mcu = new FakeMcu();
    await probe(chip.bus);
    await probe(mcu.bus);
    expect(chip.reports).toEqual([]);
    expect(mcu.requests).toEqual([{ type: "ping" }]);
  });

  it("finds nothing on a port where nothing answers, within two seconds", async () => {
    const chip = new FakeCh9329();
    chip.react = () => "silent";
    expect(await probe(chip.bus, 2000)).toBeUndefined();
    expect(chip.openedAt).toEqual([9600, 115_200, 115_200]);
  });

  it("finds nothing on a port that cannot be opened", async () => {
    const chip = new FakeCh9329();
    chip.isPresent = false;
    expect(await probe(chip.bus)).toBeUndefined();
  });

  it("finds nothing on a port that vanishes meanwhile", async () => {
    const chip = new FakeCh9329();
    chip.react = () => {
      chip.unplug();
      return "silent";
    };
    expect(await probe(chip.bus)).toBeUndefined();
  });

  it("stops between two speeds when told to", async () => {
    const chip = new FakeCh9329();
    const controller = new AbortController();
    chip.react = () => {
      controller.abort();
      return "silent";
    };
    expect(await probe(chip.bus, 5000, controller.signal)).toBeUndefined();
    expect(chip.openedAt).toEqual([9600]);
  });

  it("leaves the port closed", async () => {
    const chip = new FakeCh9329();
    let open = 0;
    const bus: SerialBus = {
      list: () => chip.bus.list(),
      async open(path, options) {
        const link = await chip.bus.open(path, options);
        open += 1;
        link.onClose(() => {
          open -= 1;
        });
        const { name } = link;
        return {
          name,
          send: (bytes) => link.send(bytes),
          onReceive: (listener) => link.onReceive(listener),
          onClose: (listener) => link.onClose(listener),
          close: () => link.close(),
        };
      },
    };
    expect(await probe(bus)).toBeDefined();
    expect(open).toBe(0);
  });
});
