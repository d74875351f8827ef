/**
 * The GPIO v2 interface of the Linux kernel (hardware facts 5.2): ioctl numbers and the byte layout of its
 * structures, the same on 32- and 64-bit machines. All supported machines are little-endian.
 */
export const GPIO_GET_CHIPINFO_IOCTL = 0x8044_b401;
export const GPIO_V2_GET_LINE_IOCTL = 0xc250_b407;
export const GPIO_V2_LINE_SET_CONFIG_IOCTL = 0xc110_b40d;
export const GPIO_V2_LINE_GET_VALUES_IOCTL = 0xc010_b40e;
export const GPIO_V2_LINE_SET_VALUES_IOCTL = 0xc010_b40f;

export const CHIP_INFO_BYTES = 68;
export const LINE_REQUEST_BYTES = 592;
export const LINE_CONFIG_BYTES = 272;
export const LINE_VALUES_BYTES = 16;

export const LINE_FLAG = { activeLow: 0x2, input: 0x4, output: 0x8 } as const;
export const LINE_ATTRIBUTE = { flags: 1, outputValues: 2, debounce: 3 } as const;

const CONSUMER_OFFSET = 256;
const CONSUMER_BYTES = 32;
const CONFIG_OFFSET = 288;
const ATTRIBUTES_OFFSET = 32;
const ATTRIBUTE_BYTES = 24;
const LINE_COUNT_OFFSET = 560;
const LINE_FD_OFFSET = 588;
const MAX_DEBOUNCE_US = 0xffff_ffff;

export interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

/** How one line is to be used. No direction leaves the line as it is. */
export interface LineConfig {
  readonly direction: "input" | "output" | undefined;
  readonly activeLow: boolean;
  /** Outputs: logical level that takes effect together with the direction. */
  readonly level?: boolean;
  /** Inputs: time that a level has to stay before the kernel reports it. */
  readonly debounceUs?: number;
}

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Reads `struct gpiochip_info`. */
export function decodeChipInfo(bytes: Uint8Array): ChipInfo {
  return {
    name: readText(bytes.subarray(0, 32)),
    label: readText(bytes.subarray(32, 64)),
    lines: view(bytes).getUint32(64, true),
  };
}

function configFlags(config: LineConfig): number {
  let flags = config.activeLow ? LINE_FLAG.activeLow : 0;
  if (config.direction === "input") flags |= LINE_FLAG.input;
  if (config.direction === "output") flags |= LINE_FLAG.output;
  return flags;
}

function configAttributes(config: LineConfig): readonly (readonly [id: number, value: number])[] {
  if (config.direction === "output" && config.level !== undefined) {
    return [[LINE_ATTRIBUTE.outputValues, config.level ? 1 : 0]];
  }
  if (config.direction === "input" && config.debounceUs !== undefined && config.debounceUs > 0) {
    const micros = Math.min(Math.round(config.debounceUs), MAX_DEBOUNCE_US);
    return [[LINE_ATTRIBUTE.debounce, micros]];
  }
  return [];
}

/** Writes `struct gpio_v2_line_config` for a request of one line. */
export function encodeLineConfig(config: LineConfig): Uint8Array {
  const bytes = new Uint8Array(LINE_CONFIG_BYTES);
  const data = view(bytes);
  const attributes = configAttributes(config);
  data.setUint32(0, configFlags(config), true);
  data.setUint32(8, attributes.length, true);
  for (const [index, [id, value]] of attributes.entries()) {
    const offset = ATTRIBUTES_OFFSET + index * ATTRIBUTE_BYTES;
    data.setUint32(offset, id, true);
    data.setUint32(offset + 8, value, true);
    data.setUint32(offset + 16, 1, true);
  }
  return bytes;
}

/** Writes `struct gpio_v2_line_request` for one line; the kernel puts the line's descriptor into the same bytes. */
export function encodeLineRequest(line: number, consumer: string, config: LineConfig): Uint8Array {
  const bytes = new Uint8Array(LINE_REQUEST_BYTES);
  const data = view(bytes);
  data.setUint32(0, line, true);
  const name = new TextEncoder().encode(consumer).subarray(0, CONSUMER_BYTES - 1);
  bytes.set(name, CONSUMER_OFFSET);
  bytes.set(encodeLineConfig(config), CONFIG_OFFSET);
  data.setUint32(LINE_COUNT_OFFSET, 1, true);
  return bytes;
}

/** The descriptor that the kernel wrote into a request. */
export function decodeLineFd(request: Uint8Array): number {
  return view(request).getInt32(LINE_FD_OFFSET, true);
}

/** Writes `struct gpio_v2_line_values` for the first line of a request. */
export function encodeLineValue(level: boolean): Uint8Array {
  const bytes = new Uint8Array(LINE_VALUES_BYTES);
  const data = view(bytes);
  data.setUint32(0, level ? 1 : 0, true);
  data.setUint32(8, 1, true);
  return bytes;
}

export function decodeLineValue(bytes: Uint8Array): boolean {
  return (view(bytes).getUint32(0, true) & 1) === 1;
}
