// What the kernel has to be told about each function of the gadget (hardware notes 3.2, 3.3, 3.6), as data.
import {
  absoluteMouseFunction,
  keyboardFunction,
  mediaFunction,
  relativeMouseFunction,
} from "../../protocol/hid/descriptors.ts";
import type { HidFunction } from "../../protocol/hid/descriptors.ts";
import { HID_ROLES } from "./port.ts";
import type { GadgetDescription, HidRole } from "./port.ts";

/** A value of a file in the tree. */
export interface Attribute {
  /** Relative to the folder that it belongs to. */
  readonly path: string;
  readonly value: string | Uint8Array;
  /** Only some kernels have it. */
  readonly isOptional?: boolean;
  /** The kernel or the drive's user changes it later: written once, when its folder is made. */
  readonly isInitial?: boolean;
}

export interface FunctionPlan {
  /** Name of its folder. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** What must go first when endpoints are short: the highest number. */
  readonly rank: number;
}

export const MASS_STORAGE = "mass_storage.usb0";
export const LUN = "lun.0";

/** Fixed names, so that a device keeps its folder when others are left out. */
const HID_NAMES: Readonly<Record<HidRole, string>> = {
  keyboard: "hid.usb0",
  absolute: "hid.usb1",
  relative: "hid.usb2",
  media: "hid.usb3",
};

/** By the name of its folder, also of one that somebody else made. */
export const isInputFunction = (name: string): boolean => name.startsWith("hid.");

const RANKS: Readonly<Record<HidRole | "massStorage", number>> = {
  keyboard: 0,
  absolute: 1,
  massStorage: 2,
  relative: 3,
  media: 4,
};

export function hidFunctionName(role: HidRole): string {
  return HID_NAMES[role];
}

function descriptorOf(role: HidRole, hasHorizontalWheel: boolean): HidFunction {
  switch (role) {
    case "keyboard":
      return keyboardFunction();
    case "absolute":
      return absoluteMouseFunction(hasHorizontalWheel);
    case "relative":
      return relativeMouseFunction(hasHorizontalWheel);
    case "media":
      return mediaFunction();
  }
}

function hidPlan(role: HidRole, hasHorizontalWheel: boolean): FunctionPlan {
  const hid = descriptorOf(role, hasHorizontalWheel);
  return {
    name: hidFunctionName(role),
    rank: RANKS[role],
    attributes: [
      // Some firmware refuses a keyboard with an OUT endpoint; without one the lights come over endpoint 0.
      { path: "no_out_endpoint", value: "1", isOptional: true },
      { path: "protocol", value: String(hid.protocol) },
      { path: "subclass", value: String(hid.subclass) },
      { path: "report_length", value: String(hid.reportLength) },
      { path: "report_desc", value: hid.descriptor },
    ],
  };
}

/** Vendor in 8 places, product in 16, revision in 4. */
function inquiryString(vendor: string, product: string): string {
  return `${vendor.slice(0, 8).padEnd(8)}${product.slice(0, 16).padEnd(16)}1.00`;
}

function massStoragePlan(): FunctionPlan {
  const lun = (name: string, value: string, isOptional = false): Attribute => ({
    path: `${LUN}/${name}`,
    value,
    isOptional,
    isInitial: true,
  });
  return {
    name: MASS_STORAGE,
    rank: RANKS.massStorage,
    attributes: [
      { path: "stall", value: "0" },
      lun("removable", "1"),
      lun("cdrom", "1"),
      lun("ro", "1"),
      // Hosts rely on forced unit access of writable disks.
      lun("nofua", "0", true),
      lun("inquiry_string", inquiryString("Farhand", "Flash Drive"), true),
      lun("inquiry_string_cdrom", inquiryString("Farhand", "CD-ROM Drive"), true),
    ],
  };
}

/** Every wanted function in the order in which they are made and linked. */
export function wantedFunctions(description: GadgetDescription): readonly FunctionPlan[] {
  const roles = HID_ROLES.filter((role) => description.hid.includes(role));
  const plans = roles.map((role) => hidPlan(role, description.horizontalWheel));
  return description.massStorage ? [...plans, massStoragePlan()] : plans;
}

/** A HID function needs one endpoint, and one more on kernels that always make an OUT endpoint. */
export function endpointsOf({ name }: FunctionPlan, hasNoOutEndpoint: boolean): number {
  if (name === MASS_STORAGE) return 2;
  return hasNoOutEndpoint ? 1 : 2;
}

/**
 * The functions that fit the controller, in their order: exceeding it makes binding fail as a whole, with a message that
 * helps nobody. What is most important gets its endpoints first.
 */
export function fittingFunctions(
  functions: readonly FunctionPlan[],
  endpoints: number,
  hasNoOutEndpoint: boolean,
): readonly FunctionPlan[] {
  const fitting = new Set<FunctionPlan>();
  let left = endpoints;
  for (const plan of [...functions].sort((a, b) => a.rank - b.rank)) {
    const needed = endpointsOf(plan, hasNoOutEndpoint);
    if (needed > left) continue;
    left -= needed;
    fitting.add(plan);
  }
  return functions.filter((plan) => fitting.has(plan));
}
