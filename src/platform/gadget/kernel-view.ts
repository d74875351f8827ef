import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hidFunctionName, LUN, MASS_STORAGE } from "./functions.ts";
import { CONFIGURATION } from "./plan.ts";
import { HID_ROLES, MAINLINE_DISC_LIMITS } from "./port.ts";
import type { DiscLimits, GadgetDrive, HidRole } from "./port.ts";
import { GadgetTree } from "./tree.ts";
import type { TreeFiles } from "./tree-files.ts";

/** Where the kernel shows things; a test has its own. */
export interface KernelPaths {
  /** The gadget's folder below `usb_gadget`. */
  readonly gadget: string;
  readonly udcClass: string;
  readonly dev: string;
}

export const KERNEL_PATHS: KernelPaths = {
  gadget: "/sys/kernel/config/usb_gadget/farhand",
  udcClass: "/sys/class/udc",
  dev: "/dev",
};

/** What the gadget's part of the kernel says at one moment. */
export interface KernelState {
  /** It is bound to a controller. */
  readonly isBound: boolean;
  readonly configured: boolean;
  readonly drive: GadgetDrive | undefined;
  readonly hid: readonly HidRole[];
  readonly discLimits: DiscLimits | undefined;
}

/** `major:minor` of a device node, as the kernel writes it. */
function numberOf(path: string): string | undefined {
  try {
    const { rdev } = statSync(path);
    const major = (rdev >>> 8) & 0xfff;
    const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
    return `${major}:${minor}`;
  } catch {
    return undefined;
  }
}

/** The device node with that number: the numbers in the names follow the order of creation, not the functions. */
export function findNode(dev: string, number: string): string | undefined {
  const names = readdirSync(dev).filter((name) => name.startsWith("hidg"));
  return names.map((name) => join(dev, name)).find((path) => numberOf(path) === number);
}

/** Reading needs no privilege. */
export class KernelView {
  readonly #files: TreeFiles;
  readonly #paths: KernelPaths;
  readonly #tree: GadgetTree;

  constructor(files: TreeFiles, paths: KernelPaths) {
    this.#files = files;
    this.#paths = paths;
    this.#tree = new GadgetTree(files, paths.gadget);
  }

  /** The wanted controller, or the first; undefined when there is none. */
  controller(wanted: string): string | undefined {
    const names = this.#files.list(this.#paths.udcClass);
    return wanted === "" ? names[0] : names.find((name) => name === wanted);
  }

  read(): KernelState {
    const udc = this.#tree.text("UDC") ?? "";
    const hasDrive = this.#isLinked(MASS_STORAGE);
    return {
      isBound: udc !== "",
      configured: udc !== "" && this.#udcState(udc) === "configured",
      drive: hasDrive ? this.#drive() : undefined,
      hid: HID_ROLES.filter((role) => this.#isLinked(hidFunctionName(role))),
      discLimits: this.#hasUnlimitedDiscs() ? undefined : MAINLINE_DISC_LIMITS,
    };
  }

  /** The device node of an input function; undefined when there is none. */
  nodeOf(role: HidRole): string | undefined {
    const number = this.#tree.text("functions", hidFunctionName(role), "dev");
    return number === undefined ? undefined : findNode(this.#paths.dev, number);
  }

  #isLinked(name: string): boolean {
    return this.#tree.exists(CONFIGURATION, name);
  }

  #udcState(udc: string): string {
    const bytes = this.#files.read(join(this.#paths.udcClass, udc, "state"));
    return bytes === undefined ? "" : new TextDecoder().decode(bytes).trim();
  }

  #drive(): GadgetDrive {
    const value = (name: string): string =>
      this.#tree.text("functions", MASS_STORAGE, LUN, name) ?? "";
    return { file: value("file"), cdrom: value("cdrom") === "1", rw: value("ro") === "0" };
  }

  /** Kernels that can tell the inquiry strings of discs and disks apart also have the larger discs. */
  #hasUnlimitedDiscs(): boolean {
    return this.#tree.exists("functions", MASS_STORAGE, LUN, "inquiry_string_cdrom");
  }
}
