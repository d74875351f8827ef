import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Clock } from "../../src/core/clock.ts";
import type { CharDevice } from "../../src/platform/gpio/char-device.ts";
import { drive, errno, levelOf, lineAt } from "./fake-gpio.ts";
import type { FakeChip, FakeLine } from "./fake-gpio.ts";

export interface FakeCharDeviceOptions {
  readonly chips: readonly FakeChip[];
  readonly clock: Clock;
  /** False: lines have no interrupts, so that the kernel refuses to debounce. */
  readonly canDebounce?: boolean;
}

export interface FakeCharDevice extends CharDevice {
  readonly openCount: number;
}

interface LineHandle {
  readonly line: FakeLine;
  isActiveLow: boolean;
  debounceMs: number;
  stable: boolean;
  changedAt: number;
}

const text = (value: string, bytes: Uint8Array): void => {
  bytes.set(new TextEncoder().encode(value));
};

/** The kernel's side of the GPIO v2 ioctls, on fake lines. Writes the device nodes as plain files into `folder`. */
export function fakeCharDevice(folder: string, options: FakeCharDeviceOptions): FakeCharDevice {
  const { chips, clock, canDebounce = true } = options;
  for (const chip of chips) writeFileSync(join(folder, chip.name), "");
  const open = new Map<number, FakeChip | LineHandle>();
  let nextFd = 100;

  const configure = (handle: LineHandle, config: DataView): void => {
    const flags = Number(config.getBigUint64(0, true));
    handle.isActiveLow = (flags & 2) !== 0;
    for (let index = 0; index < config.getUint32(8, true); index += 1) {
      const at = 32 + index * 24;
      const id = config.getUint32(at, true);
      const value = Number(config.getBigUint64(at + 8, true));
      if (config.getBigUint64(at + 16, true) !== 1n) throw errno("EINVAL");
      if (id === 2) drive(handle.line, (value === 1) !== handle.isActiveLow);
      if (id === 3 && !canDebounce) throw errno("ENXIO");
      if (id === 3) handle.debounceMs = value / 1000;
    }
    if ((flags & 4) !== 0) handle.line.direction = "in";
    handle.stable = levelOf(handle.line);
  };

  const readLevel = (handle: LineHandle): boolean => {
    const now = levelOf(handle.line);
    if (now === handle.stable) handle.changedAt = -1;
    else if (handle.changedAt < 0) handle.changedAt = clock.monotonic();
    if (handle.changedAt >= 0 && clock.monotonic() - handle.changedAt >= handle.debounceMs) {
      handle.stable = now;
      handle.changedAt = -1;
    }
    return handle.stable !== handle.isActiveLow;
  };

  const onChip = (chip: FakeChip, request: number, bytes: Uint8Array): void => {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (request === 0x8044_b401) {
      text(chip.name, bytes.subarray(0, 32));
      text(chip.label, bytes.subarray(32, 64));
      data.setUint32(64, chip.lines.length, true);
      return;
    }
    if (request !== 0xc250_b407 || bytes.length !== 592) throw errno("ENOTTY");
    if (data.getUint32(560, true) !== 1) throw errno("EINVAL");
    const line = lineAt(chip, data.getUint32(0, true));
    if (line.holder !== undefined) throw errno("EBUSY");
    const handle = { line, isActiveLow: false, debounceMs: 0, stable: false, changedAt: -1 };
    configure(handle, new DataView(bytes.buffer, bytes.byteOffset + 288, 272));
    line.holder = new TextDecoder().decode(bytes.subarray(256, 263));
    nextFd += 1;
    open.set(nextFd, handle);
    data.setInt32(588, nextFd, true);
  };

  const onLine = (handle: LineHandle, request: number, bytes: Uint8Array): void => {
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (request === 0xc010_b40e) {
      data.setBigUint64(0, readLevel(handle) ? 1n : 0n, true);
    } else if (request === 0xc010_b40f) {
      if (handle.line.direction !== "out") throw errno("EPERM");
      drive(handle.line, (data.getUint32(0, true) === 1) !== handle.isActiveLow);
    } else if (request === 0xc110_b40d) configure(handle, data);
    else throw errno("ENOTTY");
  };

  return {
    get openCount() {
      return open.size;
    },
    open(path) {
      const chip = chips.find((candidate) => candidate.name === basename(path));
      if (chip === undefined) throw errno("ENOENT");
      nextFd += 1;
      open.set(nextFd, chip);
      return nextFd;
    },
    ioctl(fd, request, bytes) {
      const target = open.get(fd);
      if (target === undefined) throw errno("EBADF");
      if ("line" in target) onLine(target, request, bytes);
      else onChip(target, request, bytes);
    },
    close(fd) {
      const target = open.get(fd);
      if (target !== undefined && "line" in target) target.line.holder = undefined;
      if (!open.delete(fd)) throw errno("EBADF");
    },
  };
}
