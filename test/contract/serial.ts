import { describe, expect, it } from "vitest";
import { LinkClosedError, PortOpenError } from "../../src/platform/serial/port.ts";
import type { ByteLink, SerialBus } from "../../src/platform/serial/port.ts";

/** A bus with one port, and the device's end of the line behind it. */
export interface SerialRig {
  readonly bus: SerialBus;
  readonly path: string;
  /** The device's end; call it after `open`. */
  peer(): ByteLink;
  /** The test opens the port no further time: from now on the device may end with the host's last link. */
  lastOpen(): void;
  /** The device vanishes. */
  unplug(): void;
  close(): Promise<void>;
}

interface OpenRig extends SerialRig {
  readonly link: ByteLink;
}

const OPTIONS = { baudRate: 115_200 };
/** Carriage returns, flow control and end-of-file characters among them: a terminal must not interpret any. */
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

/** Gathers `count` bytes from one end. */
export function gather(link: ByteLink, count: number): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const bytes: number[] = [];
    const unsubscribe = link.onReceive((chunk) => {
      bytes.push(...chunk);
      if (bytes.length < count) return;
      unsubscribe();
      resolve(Uint8Array.from(bytes));
    });
  });
}

function closing(link: ByteLink): Promise<Error | undefined> {
  return new Promise((resolve) => {
    link.onClose(resolve);
  });
}

/** What every `SerialBus` guarantees. */
export function serialContract(name: string, makeRig: () => Promise<SerialRig>): void {
  const withRig = async (run: (rig: OpenRig) => Promise<void>): Promise<void> => {
    const rig = await makeRig();
    try {
      const link = await rig.bus.open(rig.path, OPTIONS);
      await run({ ...rig, link });
      await link.close();
    } finally {
      await rig.close();
    }
  };

  describe(`${name} (SerialBus contract)`, () => {
    it("carries every byte value unchanged to the device", () =>
      withRig(async ({ link, peer }) => {
        const received = gather(peer(), EVERY_BYTE.length);
        await link.send(EVERY_BYTE);
        expect(await received).toEqual(EVERY_BYTE);
      }));

    it("carries every byte value unchanged from the device", () =>
      withRig(async ({ link, peer }) => {
        const received = gather(link, EVERY_BYTE.length);
        await peer().send(EVERY_BYTE);
        expect(await received).toEqual(EVERY_BYTE);
      }));

    it("keeps the order of many sends", () =>
      withRig(async ({ link, peer }) => {
        const received = gather(peer(), 400);
        for (let index = 0; index < 100; index += 1) {
          await link.send(Uint8Array.of(index, 0, index, 1));
        }
        const bytes = await received;
        expect([...bytes].filter((_, at) => at % 4 === 0)).toEqual(
          Array.from({ length: 100 }, (_, index) => index),
        );
      }));

    it("sends the part of a buffer that a view covers", () =>
      withRig(async ({ link, peer }) => {
        const received = gather(peer(), 3);
        await link.send(EVERY_BYTE.subarray(10, 13));
        expect([...(await received)]).toEqual([10, 11, 12]);
      }));

    it("tells every listener, and none that has unsubscribed", () =>
      withRig(async ({ link, peer }) => {
        const heard: string[] = [];
        const unsubscribe = link.onReceive(() => {
          heard.push("gone");
        });
        link.onReceive(() => {
          heard.push("kept");
        });
        unsubscribe();
        unsubscribe();
        const received = gather(link, 1);
        await peer().send(Uint8Array.of(1));
        await received;
        expect(heard).toEqual(["kept"]);
      }));

    it("refuses to open a port twice, saying that it is in use", () =>
      withRig(async ({ bus, path }) => {
        const second = bus.open(path, OPTIONS);
        await expect(second).rejects.toBeInstanceOf(PortOpenError);
        await expect(second).rejects.toThrow(/used by another program/);
      }));

    it("opens a port again after it was closed", () =>
      withRig(async ({ bus, path, link }) => {
        await link.close();
        const again = await bus.open(path, OPTIONS);
        await expect(again.send(Uint8Array.of(1))).resolves.toBeUndefined();
        await again.close();
      }));

    it("refuses a port that does not exist, naming it", () =>
      withRig(async ({ bus }) => {
        const missing = bus.open("/dev/ttyNOWHERE", OPTIONS);
        await expect(missing).rejects.toBeInstanceOf(PortOpenError);
        await expect(missing).rejects.toThrow(/ttyNOWHERE does not exist/);
      }));

    it("reports an own close once and without a reason, and closes only once", () =>
      withRig(async ({ link }) => {
        const reasons: unknown[] = [];
        link.onClose((reason) => {
          reasons.push(reason);
        });
        await Promise.all([link.close(), link.close()]);
        await link.close();
        expect(reasons).toEqual([undefined]);
      }));

    it("refuses to send after it was closed", () =>
      withRig(async ({ link }) => {
        await link.close();
        await expect(link.send(EVERY_BYTE)).rejects.toBeInstanceOf(LinkClosedError);
      }));

    it("reports a reason when the device vanishes, and refuses to send from then on", () =>
      withRig(async ({ link, unplug }) => {
        const reasons: unknown[] = [];
        link.onClose((reason) => {
          reasons.push(reason);
        });
        const closed = closing(link);
        unplug();
        expect(await closed).toBeInstanceOf(LinkClosedError);
        await expect(link.send(EVERY_BYTE)).rejects.toBeInstanceOf(LinkClosedError);
        await link.close();
        expect(reasons).toHaveLength(1);
      }));

    it("notices a device that vanishes while its last bytes are being read", () =>
      withRig(async ({ link, peer, unplug }) => {
        const closed = closing(link);
        link.onReceive(() => {
          unplug();
        });
        await peer().send(EVERY_BYTE);
        expect(await closed).toBeInstanceOf(LinkClosedError);
      }));

    it("tells the device when the host closes", () =>
      withRig(async ({ link, peer, lastOpen }) => {
        lastOpen();
        const closed = closing(peer());
        await link.close();
        expect(await closed).toBeInstanceOf(LinkClosedError);
      }));

    it("may be closed by the listener that receives", () =>
      withRig(async ({ link, peer }) => {
        const closed = closing(link);
        link.onReceive(() => {
          void link.close();
        });
        await peer().send(EVERY_BYTE);
        expect(await closed).toBeUndefined();
      }));
  });
}
