// Media keys of command 03 (CH9329 protocol, "Media bitmap"). A bitmap is a number here: byte 1 | byte 2 << 8 | byte 3 << 16.

/** Consumer usage (page 0C) and its bit; where two usages share one bit the first is the bit's own. */
const MEDIA_KEYS: readonly (readonly [usage: number, bit: number])[] = [
  [0x00e9, 0], // volume up
  [0x00ea, 1], // volume down
  [0x00e2, 2], // mute
  [0x00cd, 3], // play or pause
  [0x00b5, 4], // next track
  [0x00b6, 5], // previous track
  [0x00b7, 6], // stop
  [0x00b8, 7], // eject
  [0x018a, 8], // mail
  [0x0221, 9], // search
  [0x022a, 10], // favorites
  [0x0223, 11], // home
  [0x0224, 12], // back
  [0x0225, 13], // forward
  [0x0226, 14], // stop loading
  [0x0227, 15], // refresh
  [0x0183, 16], // media select
  [0x0192, 18], // calculator
  [0x0194, 20], // my computer
  [0x00b2, 22], // record
  [0x00b4, 23], // rewind
  [0x00b0, 3], // play: the chip only knows the toggle
  [0x00b1, 3], // pause: likewise
];

const BIT_OF_USAGE: ReadonlyMap<number, number> = new Map(MEDIA_KEYS);

/** Bitmap with the key of a consumer usage held; 0 for "none" and for usages the chip does not have. */
export function mediaBitsOf(usage: number): number {
  const bit = BIT_OF_USAGE.get(usage);
  return bit === undefined ? 0 : 1 << bit;
}

/** Consumer usages of the bits that are set, for a peer that plays the chip; bits without a usage are left out. */
export function mediaUsagesOf(bits: number): readonly number[] {
  const usages: number[] = [];
  let left = bits;
  for (const [usage, bit] of MEDIA_KEYS) {
    if ((left & (1 << bit)) === 0) continue;
    left &= ~(1 << bit);
    usages.push(usage);
  }
  return usages;
}
