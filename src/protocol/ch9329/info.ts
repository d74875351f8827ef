/** Answer to GET_INFO (CH9329 protocol, "GET_INFO reply"). The five reserved bytes are not always zero and carry nothing. */
export interface Ch9329Info {
  /** 0x30 = V1.0, 0x31 = V1.1, ... 0x38 = V1.8. */
  readonly version: number;
  /** The controlled computer enumerated the chip. */
  readonly hostReady: boolean;
  readonly numLock: boolean;
  readonly capsLock: boolean;
  readonly scrollLock: boolean;
}

const INFO_LENGTH = 8;
/** Bits of byte 2, in the order of USB LED reports. */
const LED_NUM = 0x01;
const LED_CAPS = 0x02;
const LED_SCROLL = 0x04;

export function encodeInfo(info: Ch9329Info): Uint8Array {
  const data = new Uint8Array(INFO_LENGTH);
  data[0] = info.version;
  data[1] = info.hostReady ? 1 : 0;
  data[2] =
    (info.numLock ? LED_NUM : 0) |
    (info.capsLock ? LED_CAPS : 0) |
    (info.scrollLock ? LED_SCROLL : 0);
  return data;
}

/** Undefined when the data is too short to be an answer; longer ones are accepted. */
export function decodeInfo(data: Uint8Array): Ch9329Info | undefined {
  const [version, ready, leds] = data;
  if (data.length < INFO_LENGTH) return undefined;
  if (version === undefined || ready === undefined || leds === undefined) return undefined;
  return {
    version,
    hostReady: ready === 1,
    numLock: (leds & LED_NUM) !== 0,
    capsLock: (leds & LED_CAPS) !== 0,
    scrollLock: (leds & LED_SCROLL) !== 0,
  };
}

/** "V1.8" for 0x38; the raw byte for anything outside the known scheme. */
export function formatVersion(version: number): string {
  if (version >= 0x30 && version <= 0x39) return `V1.${version - 0x30}`;
  return `version byte 0x${version.toString(16).padStart(2, "0")}`;
}
