import { AppError } from "../../core/errors.ts";
import type { Store } from "../../core/store.ts";

/** This machine cannot be a USB device now: no controller, no helper, or the kernel refused. The message says which. */
export class GadgetOfflineError extends AppError {
  static readonly code = "GADGET_OFFLINE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", GadgetOfflineError.code, message, options);
  }
}

/** The computer holds the medium and the kernel has no way to take it away. */
export class MediumLockedError extends AppError {
  static readonly code = "MEDIUM_LOCKED";
  constructor(message = "The computer holds the medium", options?: ErrorOptions) {
    super("busy", MediumLockedError.code, message, options);
  }
}

/** The kernel may not open the image, or it lies where it must not. */
export class MediumRefusedError extends AppError {
  static readonly code = "MEDIUM_REFUSED";
  constructor(message: string, options?: ErrorOptions) {
    super("forbidden", MediumRefusedError.code, message, options);
  }
}

/** Input devices that the gadget can be, in the order in which they are made. */
export const HID_ROLES = ["keyboard", "absolute", "relative", "media"] as const;
export type HidRole = (typeof HID_ROLES)[number];

/** What the computer shall see. */
export interface GadgetDescription {
  readonly identity: {
    readonly vendorId: number;
    readonly productId: number;
    readonly manufacturer: string;
    readonly product: string;
    readonly serial: string;
  };
  /** Milliamperes. */
  readonly maxPower: number;
  /** The wanted input devices. */
  readonly hid: readonly HidRole[];
  readonly horizontalWheel: boolean;
  readonly massStorage: boolean;
  /** Endpoints that the controller has. What does not fit is left out, the least important first. */
  readonly endpoints: number;
}

export interface GadgetSettings {
  readonly description: GadgetDescription;
  /** Name in /sys/class/udc; empty = the first. */
  readonly udc: string;
  /** Socket of the privileged helper. */
  readonly helperSocket: string;
  /** Folder below which images may be inserted, when this process itself has the privilege. */
  readonly storageRoot: string;
}

/** The drive as the kernel has it. */
export interface GadgetDrive {
  /** Absolute path of the medium; empty without one. */
  readonly file: string;
  readonly cdrom: boolean;
  readonly rw: boolean;
}

/**
 * `starting`: not known yet. `absent`: this machine has no USB device controller, or the gadget is switched off.
 * `failed`: it has one, but the gadget could not be made; tried again. `ready`: it is there.
 */
export type GadgetPhase = "starting" | "absent" | "failed" | "ready";

export interface GadgetState {
  readonly phase: GadgetPhase;
  /** For people, when not ready. */
  readonly reason: string | null;
  /** Counts how often the device was made or plugged in anew; input devices that were open are dead after that. */
  readonly binding: number;
  /** The computer has enumerated us (state `configured` of the controller). */
  readonly configured: boolean;
  /** Undefined without a mass storage function. */
  readonly drive: GadgetDrive | undefined;
  /** Input devices that there are. */
  readonly hid: readonly HidRole[];
  /** Images outside of these sizes cannot be a disc on this kernel; undefined where any size can. */
  readonly discLimits: DiscLimits | undefined;
}

export interface DiscLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** The mainline kernel's discs have 300 to 256 * 60 * 75 - 1 sectors of 2048 bytes (hardware notes 3.6). */
export const MAINLINE_DISC_LIMITS: DiscLimits = {
  minBytes: 300 * 2048,
  maxBytes: (256 * 60 * 75 - 1) * 2048,
};

export interface Medium {
  /** Absolute path below the storage root. */
  readonly path: string;
  readonly cdrom: boolean;
  readonly rw: boolean;
}

/**
 * What became of a report. `taken`: queued in the kernel. `busy`: the computer has not fetched the one before.
 * `offline`: it does not listen at all. `gone`: the device does not exist any more; close and open again.
 */
export type ReportOutcome = "taken" | "busy" | "offline" | "gone";

/** One input device, open. Nothing in it waits. */
export interface ReportNode {
  write(report: Uint8Array): ReportOutcome;
  /** The newest report from the computer that was not read yet (lights of the keyboard). */
  read(): Uint8Array | undefined;
  close(): void;
}

/** This machine as a USB device. */
export interface UsbGadget {
  readonly state: Store<GadgetState>;
  /** Makes the gadget and follows its state until aborted; tries again when it fails. The gadget then stays as it is. */
  run(signal: AbortSignal): Promise<void>;
  /** Reads the state now. */
  refresh(): Promise<void>;
  /** Puts a medium into the empty drive. Rejects with `GadgetOfflineError`, `MediumLockedError`, `MediumRefusedError`. */
  insert(medium: Medium): Promise<void>;
  /** Takes the medium out, also when the computer holds it and the kernel can. Rejects like `insert`. */
  eject(): Promise<void>;
  /** Rejects with `GadgetOfflineError`. The caller closes it. */
  openNode(role: HidRole): Promise<ReportNode>;
}

/** Where gadgets come from: one for each device role. */
export interface GadgetHost {
  open(settings: GadgetSettings): UsbGadget;
}
