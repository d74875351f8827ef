/** The screen that ports show unless told otherwise: 1280x720 preferred, 1920x1080 possible, no sound. */
import { concatBytes, fromHex } from "../../core/bytes.ts";

/** A block of 128 bytes whose sum is a multiple of 256. */
function block(...parts: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.set(fromHex(parts.join("")));
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes[127] = (256 - (sum % 256)) % 256;
  return bytes;
}

const BASE = block(
  // Header; manufacturer LNX, product 1, serial 0, made in 2024; EDID 1.3.
  "00FFFFFFFFFFFF00 31D8 0100 00000000 0022 0103",
  // Digital, size unknown, gamma 2.2, RGB, the first timing is preferred; colors of sRGB.
  "80 0000 78 0A EE91A3544C99260F5054",
  // 640x480, 800x600 and 1024x768 at 60 Hz, no other standard timings.
  "210800 0101010101010101 0101010101010101",
  // 1280x720 at 74.25 MHz, 1920x1080 at 148.5 MHz: 60 frames a second.
  "011D007251D01E206E28550000000000001E",
  "023A801871382D40582C450000000000001E",
  // The name FARHAND.
  "000000FC00 46415248414E440A2020202020",
  // 50 to 75 Hz, 15 to 70 kHz, at most 150 MHz.
  "000000FD00 324B0F460F000A202020202020",
  // One extension.
  "01",
);

const EXTENSION = block(
  // CEA-861, 11 bytes of data blocks, no sound.
  "02030F00",
  // 720p60 (native), 1080p60, 480p60, 640x480; the mark of HDMI.
  "4484100201 65030C001000",
);

export const DEFAULT_EDID: Uint8Array = concatBytes(BASE, EXTENSION);
