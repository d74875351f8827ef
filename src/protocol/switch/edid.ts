/** EDID: what a screen tells a computer about itself (VESA E-EDID 1.3, CEA-861). Here only what people are shown. */
import { crc16 } from "./crc16.ts";

/** Names of a screen, as PiKVM API 4.9 shows them. */
export interface EdidInfo {
  readonly manufacturer: string;
  readonly productId: number;
  readonly serial: number;
  readonly monitorName: string | null;
  readonly monitorSerial: string | null;
  readonly audio: boolean;
}

const BLOCK = 128;
const HEADER = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0];
const DESCRIPTORS = [54, 72, 90, 108];
const MONITOR_NAME = 0xfc;
const MONITOR_SERIAL = 0xff;
const CEA_AUDIO = 1;
const CEA_SPEAKERS = 4;

/** A unit takes only data that begins like this. */
export function hasEdidHeader(data: Uint8Array): boolean {
  return HEADER.every((byte, index) => data[index] === byte);
}

/** Two blocks, the second of zeros where there is only one. */
export function padEdid(data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(BLOCK * 2);
  padded.set(data.subarray(0, padded.length));
  return padded;
}

/** What a unit reports for a port that has this EDID. */
export function edidCrc(data: Uint8Array): number {
  return crc16(padEdid(data));
}

function manufacturerOf(high: number, low: number): string {
  const raw = (high << 8) | low;
  return String.fromCharCode(...[raw >> 10, raw >> 5, raw].map((part) => (part & 0b11111) + 0x40));
}

function descriptorText(view: DataView, type: number): string | null {
  const at = DESCRIPTORS.find((index) => view.getUint8(index + 3) === type);
  if (at === undefined) return null;
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 5, 13);
  return String.fromCharCode(...bytes).trim();
}

/** Kinds of the data blocks of a CEA extension; undefined when they are not well-formed. */
function ceaKinds(cea: Uint8Array): ReadonlySet<number> | undefined {
  const end = cea[2] ?? 0;
  const kinds = new Set<number>();
  if (end === 0) return kinds;
  if (end < 4 || end > BLOCK) return undefined;
  for (let at = 4; at < end;) {
    const header = cea[at] ?? 0;
    const [kind, size] = [header >> 5, header & 0b11111];
    if (kind === 0 || size === 0) return undefined;
    kinds.add(kind);
    at += size + 1;
  }
  return kinds;
}

function hasAudio(data: Uint8Array): boolean | undefined {
  if (data.length === BLOCK) return false;
  const cea = data.subarray(BLOCK);
  const kinds = ceaKinds(cea);
  if (kinds === undefined) return undefined;
  const isBasic = ((cea[3] ?? 0) & 0b0100_0000) !== 0;
  return isBasic && kinds.has(CEA_AUDIO) && kinds.has(CEA_SPEAKERS);
}

/** One or two blocks; null when they cannot be understood. */
export function parseEdid(data: Uint8Array): EdidInfo | null {
  if (data.length !== BLOCK && data.length !== BLOCK * 2) return null;
  const isLong = data.length > BLOCK;
  if (isLong && (data[126] !== 1 || data[BLOCK] !== 2 || data[BLOCK + 1] !== 3)) return null;
  const audio = hasAudio(data);
  if (audio === undefined) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return {
    manufacturer: manufacturerOf(view.getUint8(8), view.getUint8(9)),
    productId: view.getUint16(10, true),
    serial: view.getUint32(12, true),
    monitorName: descriptorText(view, MONITOR_NAME),
    monitorSerial: descriptorText(view, MONITOR_SERIAL),
    audio,
  };
}
