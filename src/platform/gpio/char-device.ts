import { closeSync, openSync } from "node:fs";
import { howToRestore, MissingPartError } from "../../core/errors.ts";

/** The three calls that the GPIO character device needs. Failures are errors with an errno name as `code`. */
export interface CharDevice {
  open(path: string): number;
  /** Performs an ioctl whose structure is read from, and written back to, the bytes. */
  ioctl(fd: number, request: number, data: Uint8Array): void;
  close(fd: number): void;
}

/** An ioctl that the kernel refused. */
export class IoctlError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`ioctl failed: ${code}`);
    this.name = "IoctlError";
    this.code = code;
  }
}

type IoctlCall = (fd: number, request: number, data: Uint8Array) => number;

/** Loads `koffi` and binds the C library's ioctl. Rejects with `MissingPartError` where the addon is missing. */
export async function loadCharDevice(): Promise<CharDevice> {
  try {
    const { default: koffi } = await import("koffi");
    const call: IoctlCall = koffi
      .load(null)
      .func("int ioctl(int fd, unsigned long request, _Inout_ void *data)");
    const names = new Map(Object.entries(koffi.os.errno).map(([name, value]) => [value, name]));
    return {
      open: (path) => openSync(path, "r+"),
      ioctl(fd, request, data) {
        if (call(fd, request, data) >= 0) return;
        const errno = koffi.errno();
        throw new IoctlError(names.get(errno) ?? `errno ${errno}`);
      },
      close: closeSync,
    };
  } catch (error) {
    throw new MissingPartError(
      `GPIO through /dev/gpiochip* needs the package 'koffi': ${howToRestore("koffi")}`,
      { cause: error },
    );
  }
}
