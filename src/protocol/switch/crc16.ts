/** CRC-16/MODBUS, with which a unit reports EDIDs and colors. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc % 2 === 0 ? crc >> 1 : (crc >> 1) ^ 0xa001;
  }
  return crc;
}
