import { closeSync, constants, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import { sleep } from "../../core/clock.ts";
import type { Clock } from "../../core/clock.ts";
import { AppError, describeError, errnoOf } from "../../core/errors.ts";
import { fittingFunctions, LUN, MASS_STORAGE, wantedFunctions } from "./functions.ts";
import { diffGadget, planGadget } from "./plan.ts";
import { GadgetOfflineError, MediumLockedError, MediumRefusedError } from "./port.ts";
import type { GadgetDescription, Medium } from "./port.ts";
import { GadgetTree } from "./tree.ts";
import type { TreeFiles } from "./tree-files.ts";

/** What needs privileges: the whole vocabulary of the helper. Calls do not overlap. */
export interface GadgetControl {
  /** Makes the gadget as described and binds it to the controller; does nothing where it is so already. */
  apply(description: GadgetDescription, udc: string): Promise<void>;
  insert(medium: Medium): Promise<void>;
  eject(): Promise<void>;
}

export interface ConfigfsControlOptions {
  readonly files: TreeFiles;
  /** The gadget's folder below `usb_gadget`. */
  readonly root: string;
  readonly clock: Clock;
  /** Only images below this folder are ever inserted. */
  readonly storageRoot: string;
  /** Called after the input devices were made, to hand them to the daemon. */
  readonly onBound?: () => void;
}

/** So long the computer must see nothing on its port to take what comes for a new device. */
const REPLUG_MS = 300;
const PROBE = "functions/hid.probe";
const LUN_PATH = ["functions", MASS_STORAGE, LUN] as const;

/**
 * Opens an image so that nobody can exchange it afterwards: what is checked is what the descriptor refers to, and the
 * kernel is given the descriptor. Throws `MediumRefusedError`.
 */
function openMedium(path: string, storageRoot: string): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const place = readlinkSync(`/proc/self/fd/${descriptor}`);
    const isInside = place.startsWith(`${realpathSync(storageRoot)}${sep}`);
    if (!isInside || !fstatSync(descriptor).isFile()) throw new Error("it is not an image there");
    return descriptor;
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    const reason = describeError(cause);
    throw new MediumRefusedError(`The image cannot be inserted: ${reason}`, { cause });
  }
}

function refusal(error: unknown): Error {
  if (error instanceof AppError) return error;
  switch (errnoOf(error)) {
    case "EBUSY":
      return new MediumLockedError(undefined, { cause: error });
    case "ENOENT":
      return new GadgetOfflineError("The gadget has no drive", { cause: error });
    default: {
      const reason = describeError(error);
      return new MediumRefusedError(`The kernel refused the image: ${reason}`, { cause: error });
    }
  }
}

/** The gadget in configfs, by a process that may write there. */
export class ConfigfsControl implements GadgetControl {
  readonly #options: ConfigfsControlOptions;
  readonly #tree: GadgetTree;

  constructor(options: ConfigfsControlOptions) {
    this.#options = options;
    this.#tree = new GadgetTree(options.files, options.root);
  }

  apply(description: GadgetDescription, udc: string): Promise<void> {
    return this.#attempt(async () => {
      await Promise.resolve();
      const functions = fittingFunctions(
        wantedFunctions(description),
        description.endpoints,
        this.#hasNoOutEndpoint(),
      );
      const plan = planGadget(description, udc, functions);
      this.#tree.apply(diffGadget(plan, this.#tree.read(plan)));
      this.#options.onBound?.();
    });
  }

  insert({ path, cdrom, rw }: Medium): Promise<void> {
    return this.#attempt(async () => {
      const descriptor = openMedium(path, this.#options.storageRoot);
      const isOfOtherKind = (this.#tree.text(...LUN_PATH, "cdrom") === "1") !== cdrom;
      const put = (): void => {
        // Both are refused while there is a medium.
        this.#tree.write(rw ? "0" : "1", ...LUN_PATH, "ro");
        this.#tree.write(cdrom ? "1" : "0", ...LUN_PATH, "cdrom");
        this.#tree.write(`/proc/self/fd/${descriptor}`, ...LUN_PATH, "file");
      };
      try {
        if (isOfOtherKind) await this.#replugged(put);
        else put();
      } catch (error) {
        throw refusal(error);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  eject(): Promise<void> {
    return this.#attempt(async () => {
      await Promise.resolve();
      try {
        this.#tree.write("", ...LUN_PATH, "file");
      } catch (error) {
        const isHeld = errnoOf(error) === "EBUSY";
        if (!isHeld || !this.#tree.exists(...LUN_PATH, "forced_eject")) throw refusal(error);
        this.#tree.write("1", ...LUN_PATH, "forced_eject");
      }
    });
  }

  /** Only a function shows what the kernel knows about functions. */
  #hasNoOutEndpoint(): boolean {
    const { files } = this.#options;
    const existing = files
      .list(this.#tree.path("functions"))
      .find((name) => name.startsWith("hid."));
    if (existing !== undefined) return this.#tree.exists("functions", existing, "no_out_endpoint");
    if (!this.#tree.exists()) files.mkdir(this.#tree.path());
    files.mkdir(this.#tree.path(PROBE));
    try {
      return this.#tree.exists(PROBE, "no_out_endpoint");
    } finally {
      files.rmdir(this.#tree.path(PROBE));
    }
  }

  /**
   * Computers learn only when a device is plugged in whether its drive is for discs or for disks. The kernel's own
   * `soft_connect` leaves some controllers deaf, so the gadget is bound anew.
   */
  async #replugged(change: () => void): Promise<void> {
    const udc = this.#tree.text("UDC") ?? "";
    const names = this.#tree.links();
    this.#tree.apply([{ op: "unbind" }, ...names.map((name) => ({ op: "unlink", name }) as const)]);
    try {
      change();
      await sleep(this.#options.clock, REPLUG_MS);
    } finally {
      const links = names.map((name) => ({ op: "link", name }) as const);
      this.#tree.apply([...links, { op: "bind", udc }]);
      this.#options.onBound?.();
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof AppError) throw error;
      const reason = describeError(error);
      throw new GadgetOfflineError(`The USB gadget cannot be changed: ${reason}`, { cause: error });
    }
  }
}
