import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { MissingPartError } from "../../../src/core/errors.ts";
import { createStore } from "../../../src/core/store.ts";
import type { ByteLink } from "../../../src/platform/serial/port.ts";
import {
  createSimSerialBus,
  makeMemoryLine,
  makePtyLine,
  SIM_SERIAL_PATH,
  withMemoryFallback,
} from "../../../src/platform/sim/serial.ts";
import type { LineMaker } from "../../../src/platform/sim/serial.ts";
import { gather, serialContract } from "../../contract/serial.ts";
import type { SerialRig } from "../../contract/serial.ts";
import { recordingLogger } from "../../support/recording-logger.ts";

/** A device that only exposes the end of the line it was given. */
function simRig(makeLine: LineMaker): SerialRig & { readonly speeds: readonly number[] } {
  const plugged = createStore(true);
  const speeds: number[] = [];
  let peer: ByteLink | undefined;
  const attach = (link: ByteLink, lineBaudRate: number): void => {
    peer = link;
    speeds.push(lineBaudRate);
  };
  return {
    bus: createSimSerialBus({ plugged, attach }, makeLine),
    path: SIM_SERIAL_PATH,
    speeds,
    peer() {
      if (peer === undefined) throw new Error("not open");
      return peer;
    },
    lastOpen: () => undefined,
    unplug() {
      void peer?.close();
      plugged.set(false);
    },
    async close() {
      await peer?.close();
    },
  };
}

serialContract("simulated bus in memory", () => Promise.resolve(simRig(makeMemoryLine)));
serialContract("simulated bus over a pseudo-terminal", () => Promise.resolve(simRig(makePtyLine)));

describe("createSimSerialBus", () => {
  it("lists the port as the usual USB cable while the device is plugged in", async () => {
    const rig = simRig(makeMemoryLine);
    expect(await rig.bus.list()).toEqual([
      expect.objectContaining({ path: SIM_SERIAL_PATH, vendorId: "1a86", productId: "7523" }),
    ]);
    rig.unplug();
    expect(await rig.bus.list()).toEqual([]);
  });

  it("refuses to open the port while the device is unplugged", async () => {
    const rig = simRig(makeMemoryLine);
    rig.unplug();
    await expect(rig.bus.open(rig.path, { baudRate: 9600 })).rejects.toThrow(/does not exist/);
  });

  it("refuses the port when the device is unplugged while it is being opened", async () => {
    const rig = simRig(() => {
      rig.unplug();
      return makeMemoryLine();
    });
    await expect(rig.bus.open(rig.path, { baudRate: 9600 })).rejects.toThrow(/unplugged/);
    expect(rig.speeds).toEqual([]);
  });

  it("tells the device the speed of the line", async () => {
    const rig = simRig(makeMemoryLine);
    const link = await rig.bus.open(rig.path, { baudRate: 57_600 });
    await link.close();
    await rig.bus.open(rig.path, { baudRate: 9600 });
    expect(rig.speeds).toEqual([57_600, 9600]);
  });
});

describe("withMemoryFallback", () => {
  it("stays in memory with one warning where a part is missing", async () => {
    const log = recordingLogger();
    const missing = () => Promise.reject(new MissingPartError("no node-pty"));
    const make = withMemoryFallback(missing, log);
    for (let round = 0; round < 2; round += 1) {
      const { host, peer } = await make(9600);
      const received = gather(peer, 1);
      await host.send(Uint8Array.of(7));
      expect([...(await received)]).toEqual([7]);
    }
    expect(log.records.map(({ level, message }) => [level, message])).toEqual([
      ["warn", "simulated serial port has no pseudo-terminal, staying in memory"],
    ]);
  });

  it("passes other failures on", async () => {
    const broken = () => Promise.reject(new RangeError("broken"));
    await expect(withMemoryFallback(broken, silentLogger)(9600)).rejects.toThrow("broken");
  });
});
