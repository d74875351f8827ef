import { errnoOf } from "../../core/errors.ts";
import type { CharDevice } from "./char-device.ts";
import {
  decodeLineFd,
  decodeLineValue,
  encodeLineConfig,
  encodeLineRequest,
  encodeLineValue,
  GPIO_V2_GET_LINE_IOCTL,
  GPIO_V2_LINE_GET_VALUES_IOCTL,
  GPIO_V2_LINE_SET_CONFIG_IOCTL,
  GPIO_V2_LINE_SET_VALUES_IOCTL,
} from "./uapi.ts";
import type { LineConfig } from "./uapi.ts";

/** Shown to other programs as the holder of the line. */
const CONSUMER = "farhand";

/** One requested line. Levels are logical. Failures are those of the operating system. */
export interface CharLine {
  read(): boolean;
  write(active: boolean): void;
  /** Closes the descriptor, which frees the line; the kernel does the same when the process dies. */
  release(): void;
}

interface RequestedLine extends CharLine {
  configure(config: LineConfig): void;
}

function requestLine(
  device: CharDevice,
  path: string,
  line: number,
  config: LineConfig,
): RequestedLine {
  const request = encodeLineRequest(line, CONSUMER, config);
  const chipFd = device.open(path);
  try {
    device.ioctl(chipFd, GPIO_V2_GET_LINE_IOCTL, request);
  } finally {
    device.close(chipFd);
  }
  const fd = decodeLineFd(request);
  const values = encodeLineValue(false);
  return {
    read() {
      values.fill(0, 0, 8);
      device.ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, values);
      return decodeLineValue(values);
    },
    write(active) {
      device.ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, encodeLineValue(active));
    },
    configure(next) {
      device.ioctl(fd, GPIO_V2_LINE_SET_CONFIG_IOCTL, encodeLineConfig(next));
    },
    release() {
      device.close(fd);
    },
  };
}

/** Requests an output whose level arrives with the direction; undefined keeps the level that the line has now. */
export function requestOutput(
  device: CharDevice,
  path: string,
  line: number,
  options: { readonly initial: boolean | undefined; readonly activeLow: boolean },
): CharLine {
  const { initial, activeLow } = options;
  if (initial !== undefined) {
    return requestLine(device, path, line, { direction: "output", activeLow, level: initial });
  }
  // Requested as it is, read, and only then made an output: releasing in between could let the level go.
  const requested = requestLine(device, path, line, { direction: undefined, activeLow });
  try {
    requested.configure({ direction: "output", activeLow, level: requested.read() });
    return requested;
  } catch (error) {
    requested.release();
    throw error;
  }
}

/** Requests an input, with the kernel's debounce where the chip can do it: `isDebounced` tells. */
export function requestInput(
  device: CharDevice,
  path: string,
  line: number,
  options: { readonly activeLow: boolean; readonly debounceMs: number },
): { readonly line: CharLine; readonly isDebounced: boolean } {
  const config = { direction: "input", activeLow: options.activeLow } as const;
  if (options.debounceMs <= 0) {
    return { line: requestLine(device, path, line, config), isDebounced: true };
  }
  try {
    const debounceUs = options.debounceMs * 1000;
    return {
      line: requestLine(device, path, line, { ...config, debounceUs }),
      isDebounced: true,
    };
  } catch (error) {
    // Lines without interrupts cannot be debounced by the kernel (ENXIO; some chips answer otherwise).
    const errno = errnoOf(error);
    const isHopeless = errno === "EBUSY" || errno === "EACCES" || errno === "EPERM";
    if (isHopeless) throw error;
    return { line: requestLine(device, path, line, config), isDebounced: false };
  }
}
