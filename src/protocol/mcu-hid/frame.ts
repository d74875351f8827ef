// Frames of kvmd's own serial HID protocol (MCU protocol, "Frames"): eight bytes each way, CRC high byte first.

/** First byte of requests, and of the short answers of old firmware. */
export const REQUEST_MAGIC = 0x33;
export const RESPONSE_MAGIC = 0x34;
export const FRAME_LENGTH = 8;
export const LEGACY_LENGTH = 4;
const CRC_LENGTH = 2;

/** CRC-16/MODBUS of the first `length` bytes from `start`. */
export function crc16(bytes: Uint8Array, start: number, length: number): number {
  let crc = 0xffff;
  for (let index = start; index < start + length; index += 1) {
    crc ^= bytes[index] ?? 0;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}

/** Fills a frame's last two bytes. */
export function seal(frame: Uint8Array): Uint8Array {
  const at = frame.length - CRC_LENGTH;
  const crc = crc16(frame, 0, at);
  frame[at] = crc >> 8;
  frame[at + 1] = crc & 0xff;
  return frame;
}

/** Whether the last two of `length` bytes from `start` are the CRC of those in front of them. */
export function isSealed(bytes: Uint8Array, start: number, length: number): boolean {
  const at = start + length - CRC_LENGTH;
  const crc = crc16(bytes, start, length - CRC_LENGTH);
  return bytes[at] === crc >> 8 && bytes[at + 1] === (crc & 0xff);
}
