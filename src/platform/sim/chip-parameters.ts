import { PARAMETERS_SIZE } from "../../protocol/ch9329/commands.ts";

// What the simulated CH9329 keeps in flash (CH9329 protocol, "Parameter block").

/** Speeds the chip can be set to; anything else leaves the speed as it was. */
const BAUD_RATES: ReadonlySet<number> = new Set([9600, 19_200, 38_400, 57_600, 115_200]);
const ADDRESS_AT = 2;
const BAUD_AT = 3;
const INTERVAL_AT = 9;

/** Factory strings: manufacturer, product, serial number. */
export const FACTORY_STRINGS: readonly string[] = ["WWW.WCH.CN", "WCH UART TO KB-MS_V1.8", ""];

export interface ChipParameters {
  readonly address: number;
  readonly baudRate: number;
  /** Longest gap inside a frame. */
  readonly intervalMs: number;
}

/** The block of a new chip, at another speed if wished. */
export function factoryBlock(baudRate = 9600): Uint8Array {
  const block = new Uint8Array(PARAMETERS_SIZE);
  block.set([0x80, 0x80, 0x00]);
  new DataView(block.buffer).setUint32(BAUD_AT, baudRate);
  block.set([0x08, 0x00, 0x00, 0x03, 0x86, 0x1a, 0x29, 0xe1], 7);
  block[18] = 0x01;
  block[20] = 0x0d;
  return block;
}

/** The fields of a block that a serial line notices; `previousBaudRate` stays where the block names an impossible one. */
export function readBlock(block: Uint8Array, previousBaudRate: number): ChipParameters {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const baudRate = view.getUint32(BAUD_AT);
  return {
    address: view.getUint8(ADDRESS_AT),
    baudRate: BAUD_RATES.has(baudRate) ? baudRate : previousBaudRate,
    intervalMs: Math.max(1, view.getUint16(INTERVAL_AT)),
  };
}
