import type { DatagramSender } from "../../../platform/net/port.ts";
import { anyPin } from "../driver.ts";
import type { DriverOutput, DriverType } from "../driver.ts";
import { invertOutput } from "../inverted.ts";

const MAC_PATTERN = /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/i;
const MAC_REPEATS = 16;

/** Six bytes FF and the address sixteen times (hardware facts 5.6). Throws `RangeError` for what is no address. */
export function magicPacket(mac: string): Uint8Array {
  if (!MAC_PATTERN.test(mac)) throw new RangeError(`not a MAC address: ${mac}`);
  const digits = mac.replaceAll(/[:-]/g, "");
  const packet = new Uint8Array(6 + 6 * MAC_REPEATS).fill(0xff);
  for (let offset = 6; offset < packet.length; offset += 1) {
    const index = (offset % 6) * 2;
    packet[offset] = Number.parseInt(digits.slice(index, index + 2), 16);
  }
  return packet;
}

/** `wol`: wakes a computer over the network when switched on; always reads off. */
export const wolDriver: DriverType = {
  modes: ["output"],
  checkPin: anyPin,
  prepare(options) {
    const host = options.text("ip", "255.255.255.255");
    const port = options.integer("port", 9, { min: 1, max: 65_535 });
    const mac = options.text("mac", "").trim();
    if (!MAC_PATTERN.test(mac)) {
      options.complain("mac", "must be the MAC address of the computer, like 00:11:22:33:44:55");
    }
    const createOutput = (datagrams: DatagramSender): DriverOutput => ({
      async write(active) {
        if (active) await datagrams.send(magicPacket(mac), { host, port });
      },
      read: () => Promise.resolve(false),
      close: () => Promise.resolve(),
    });
    return ({ datagrams }) => ({
      openInput: () => Promise.reject(new TypeError("wol has no inputs")),
      openOutput({ isInverted }) {
        const output = createOutput(datagrams);
        return Promise.resolve(isInverted ? invertOutput(output) : output);
      },
    });
  },
};
