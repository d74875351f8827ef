// The gadget as desired state and the steps from what there is (hardware notes 3.2). Pure: nothing here touches a file.
import type { Attribute, FunctionPlan } from "./functions.ts";
import { isInputFunction, wantedFunctions } from "./functions.ts";
import type { GadgetDescription } from "./port.ts";

/** The tree as it should be, besides the functions. */
export interface GadgetPlan {
  /** Folders below the gadget's own, parents first. */
  readonly folders: readonly string[];
  readonly attributes: readonly Attribute[];
  readonly functions: readonly FunctionPlan[];
  readonly udc: string;
}

/** The tree as it is. Values by path relative to the gadget's folder; only of files that the plan names. */
export interface ActualGadget {
  readonly folders: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Names in `functions`. */
  readonly functions: readonly string[];
  /** Names of the links in the configuration. */
  readonly links: readonly string[];
  /** Controller that it is bound to; empty for none. */
  readonly udc: string;
}

export type GadgetStep =
  | { readonly op: "mkdir" | "rmdir"; readonly path: string }
  | { readonly op: "write"; readonly path: string; readonly attribute: Attribute }
  | { readonly op: "link" | "unlink"; readonly name: string }
  | { readonly op: "bind"; readonly udc: string }
  | { readonly op: "unbind" };

export const CONFIGURATION = "configs/c.1";
const STRINGS = "strings/0x409";
const CONFIGURATION_STRINGS = `${CONFIGURATION}/${STRINGS}`;

const hex = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;

/** Bus powered; no remote wakeup, which stock kernels do not have and some controllers do not survive. */
const BUS_POWERED = "0x80";

export function planGadget(
  description: GadgetDescription,
  udc: string,
  functions: readonly FunctionPlan[] = wantedFunctions(description),
): GadgetPlan {
  const { identity, maxPower } = description;
  return {
    udc,
    functions,
    folders: ["", STRINGS, CONFIGURATION, CONFIGURATION_STRINGS],
    attributes: [
      { path: "idVendor", value: hex(identity.vendorId) },
      { path: "idProduct", value: hex(identity.productId) },
      // The kernel adjusts it to the speed of the connection.
      { path: "bcdUSB", value: "0x0200", isInitial: true },
      { path: "bcdDevice", value: "0x0100" },
      { path: `${STRINGS}/manufacturer`, value: identity.manufacturer },
      { path: `${STRINGS}/product`, value: identity.product },
      { path: `${STRINGS}/serialnumber`, value: identity.serial },
      { path: `${CONFIGURATION}/MaxPower`, value: String(maxPower) },
      { path: `${CONFIGURATION}/bmAttributes`, value: BUS_POWERED },
      { path: `${CONFIGURATION_STRINGS}/configuration`, value: identity.product },
    ],
  };
}

const encoder = new TextEncoder();

export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\n$/, "");

/** The kernel writes numbers in its own way. */
function isSameValue(wanted: string | Uint8Array, actual: Uint8Array): boolean {
  if (typeof wanted !== "string") return Buffer.compare(wanted, actual) === 0;
  const text = textOf(actual);
  const isNumber = /^0x[0-9a-f]+$|^\d+$/i;
  if (isNumber.test(wanted) && isNumber.test(text)) return Number(wanted) === Number(text);
  return wanted.trimEnd() === text.trimEnd();
}

/** Whether a value has to be written into a folder that is there. */
function isDue(attribute: Attribute, path: string, actual: ActualGadget): boolean {
  if (attribute.isInitial === true) return false;
  const value = actual.values.get(path);
  if (value === undefined) return attribute.isOptional !== true;
  return !isSameValue(attribute.value, value);
}

const functionPath = ({ name }: FunctionPlan): string => `functions/${name}`;

function baseSteps(plan: GadgetPlan, actual: ActualGadget): readonly GadgetStep[] {
  const isNew = !actual.folders.has("");
  const missing = plan.folders.filter((path) => !actual.folders.has(path));
  const due = plan.attributes.filter(
    (attribute) => isNew || isDue(attribute, attribute.path, actual),
  );
  return [
    ...missing.map((path) => ({ op: "mkdir", path }) as const),
    ...due.map((attribute) => ({ op: "write", path: attribute.path, attribute }) as const),
  ];
}

function functionSteps(plan: FunctionPlan, actual: ActualGadget): readonly GadgetStep[] {
  const folder = functionPath(plan);
  const isNew = !actual.functions.includes(plan.name);
  const due = plan.attributes.filter(
    (attribute) => isNew || isDue(attribute, `${folder}/${attribute.path}`, actual),
  );
  const writes = due.map(
    (attribute) => ({ op: "write", path: `${folder}/${attribute.path}`, attribute }) as const,
  );
  return isNew ? [{ op: "mkdir", path: folder }, ...writes] : writes;
}

/**
 * One input function stays, without a link, when none is wanted any more: with the last one the kernel gives up the
 * number of these devices, and a daemon that starts then could not be permitted to use those of later.
 */
function removalSteps(plan: GadgetPlan, actual: ActualGadget): readonly GadgetStep[] {
  const wanted = new Set(plan.functions.map(({ name }) => name));
  const unwanted = actual.functions.filter((name) => !wanted.has(name));
  const hasInput = [...wanted].some((name) => isInputFunction(name));
  const spare = hasInput ? undefined : unwanted.find((name) => isInputFunction(name));
  return unwanted
    .filter((name) => name !== spare)
    .map((name) => ({ op: "rmdir", path: `functions/${name}` }));
}

function isLinkedAsWanted(plan: GadgetPlan, actual: ActualGadget): boolean {
  return (
    actual.links.length === plan.functions.length &&
    plan.functions.every(({ name }) => actual.links.includes(name))
  );
}

/**
 * The steps from what there is to what is wanted; none when they are the same. Any change unbinds the gadget first and
 * makes every link anew before it is bound again: functions whose links are kept over that may stop working.
 */
export function diffGadget(plan: GadgetPlan, actual: ActualGadget): readonly GadgetStep[] {
  const changes = [
    ...removalSteps(plan, actual),
    ...baseSteps(plan, actual),
    ...plan.functions.flatMap((wanted) => functionSteps(wanted, actual)),
  ];
  const isLinked = isLinkedAsWanted(plan, actual);
  if (changes.length === 0 && isLinked && actual.udc === plan.udc) return [];
  const unbind: readonly GadgetStep[] = actual.udc === "" ? [] : [{ op: "unbind" }];
  return [
    ...unbind,
    ...actual.links.map((name) => ({ op: "unlink", name }) as const),
    ...changes,
    ...plan.functions.map(({ name }) => ({ op: "link", name }) as const),
    { op: "bind", udc: plan.udc },
  ];
}
