import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { errnoOf } from "../../core/errors.ts";

/**
 * File operations as configfs needs them: one write call for each value, folders that come and go with their files.
 * Synchronous, because each is a short call into the kernel and their order is everything. Throw the errors of the
 * operating system, except where it says otherwise.
 */
export interface TreeFiles {
  exists(path: string): boolean;
  mkdir(path: string): void;
  rmdir(path: string): void;
  /** Undefined when it is missing or cannot be read. */
  read(path: string): Uint8Array | undefined;
  write(path: string, value: Uint8Array): void;
  link(target: string, path: string): void;
  unlink(path: string): void;
  readLink(path: string): string;
  /** Names in order; empty when the folder is missing. */
  list(path: string): readonly string[];
}

export const nodeTreeFiles: TreeFiles = {
  exists: existsSync,
  mkdir: (path) => {
    mkdirSync(path);
  },
  rmdir: (path) => {
    rmdirSync(path);
  },
  read(path) {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  },
  write: (path, value) => {
    // The kernel made the file, and lets some be opened for writing only. One call: a part of a value is another value.
    const descriptor = openSync(path, constants.O_WRONLY);
    try {
      writeSync(descriptor, value);
    } finally {
      closeSync(descriptor);
    }
  },
  link: (target, path) => {
    symlinkSync(target, path);
  },
  unlink: (path) => {
    unlinkSync(path);
  },
  readLink: (path) => readlinkSync(path),
  list(path) {
    try {
      return readdirSync(path).sort();
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  },
};
