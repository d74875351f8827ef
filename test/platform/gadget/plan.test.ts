import { describe, expect, it } from "vitest";
import {
  endpointsOf,
  fittingFunctions,
  wantedFunctions,
} from "../../../src/platform/gadget/functions.ts";
import { bytesOf, diffGadget, planGadget } from "../../../src/platform/gadget/plan.ts";
import type { ActualGadget, GadgetPlan, GadgetStep } from "../../../src/platform/gadget/plan.ts";
import { WHOLE_GADGET } from "../../support/gadget-description.ts";

const PLAN = planGadget(WHOLE_GADGET, "udc0");
const NOTHING: ActualGadget = {
  folders: new Set(),
  values: new Map(),
  functions: [],
  links: [],
  udc: "",
};

/** The tree after the plan was carried out; `values` replaces some. */
function done(plan: GadgetPlan, values: Readonly<Record<string, string>> = {}): ActualGadget {
  const all = [
    ...plan.attributes.map(({ path, value }) => [path, value] as const),
    ...plan.functions.flatMap(({ name, attributes }) =>
      attributes.map(({ path, value }) => [`functions/${name}/${path}`, value] as const),
    ),
    ...Object.entries(values),
  ];
  const names = plan.functions.map(({ name }) => name);
  return {
    folders: new Set(plan.folders),
    values: new Map(all.map(([path, value]) => [path, bytesOf(value)])),
    functions: names,
    links: names,
    udc: plan.udc,
  };
}

const shown = (steps: readonly GadgetStep[]): readonly string[] =>
  steps.map((step) => {
    const what =
      "path" in step ? step.path : "name" in step ? step.name : "udc" in step ? step.udc : "";
    return `${step.op} ${what}`.trim();
  });

describe("diffGadget", () => {
  it("makes folders, values, links and the binding in this order from nothing", () => {
    const steps = shown(diffGadget(PLAN, NOTHING));
    expect(steps[0]).toBe("mkdir");
    expect(steps.at(-1)).toBe("bind udc0");
    const at = (step: string): number => {
      expect(steps).toContain(step);
      return steps.indexOf(step);
    };
    expect(at("mkdir strings/0x409")).toBeLessThan(at("write strings/0x409/product"));
    expect(at("mkdir functions/hid.usb0")).toBeLessThan(at("write functions/hid.usb0/report_desc"));
    expect(at("write functions/hid.usb0/no_out_endpoint")).toBeLessThan(at("link hid.usb0"));
    expect(at("write functions/mass_storage.usb0/lun.0/removable")).toBeLessThan(
      at("link hid.usb0"),
    );
    expect(at("link mass_storage.usb0")).toBe(steps.length - 2);
    expect(steps.filter((step) => step === "unbind")).toEqual([]);
  });

  it("has nothing to do where everything is as wanted", () => {
    expect(diffGadget(PLAN, done(PLAN))).toEqual([]);
  });

  it("reads numbers in the kernel's spelling", () => {
    const actual = done(PLAN, { idVendor: "0x1D6B\n", "configs/c.1/MaxPower": "0xfa" });
    expect(diffGadget(PLAN, actual)).toEqual([]);
  });

  it("leaves alone what the drive's user and the kernel change", () => {
    const actual = done(PLAN, {
      bcdUSB: "0x0210",
      "functions/mass_storage.usb0/lun.0/cdrom": "0",
      "functions/mass_storage.usb0/lun.0/ro": "0",
    });
    expect(diffGadget(PLAN, actual)).toEqual([]);
  });

  it("unbinds and makes every link anew for any change", () => {
    const steps = shown(diffGadget(PLAN, done(PLAN, { "strings/0x409/product": "Other" })));
    const links = PLAN.functions.map(({ name }) => name);
    expect(steps).toEqual([
      "unbind",
      ...links.map((name) => `unlink ${name}`),
      "write strings/0x409/product",
      ...links.map((name) => `link ${name}`),
      "bind udc0",
    ]);
  });

  it("removes functions that are not wanted any more, after unlinking them", () => {
    const plan = planGadget({ ...WHOLE_GADGET, hid: ["keyboard"] }, "udc0");
    const steps = shown(diffGadget(plan, done(PLAN)));
    expect(steps.indexOf("rmdir functions/hid.usb1")).toBeGreaterThan(
      steps.indexOf("unlink hid.usb1"),
    );
    expect(steps).not.toContain("link hid.usb1");
    expect(steps).not.toContain("mkdir functions/hid.usb0");
  });

  it("keeps one input function beside a disk alone, without a link, and takes it again", () => {
    const diskAlone = planGadget({ ...WHOLE_GADGET, hid: [] }, "udc0");
    const steps = shown(diffGadget(diskAlone, done(PLAN)));
    expect(steps.filter((step) => step.startsWith("rmdir"))).toEqual([
      "rmdir functions/hid.usb1",
      "rmdir functions/hid.usb2",
      "rmdir functions/hid.usb3",
    ]);
    expect(steps).not.toContain("link hid.usb0");
    const after = done(diskAlone);
    const withSpare = { ...after, functions: [...after.functions, "hid.usb0"] };
    expect(diffGadget(diskAlone, withSpare)).toEqual([]);
    const again = shown(diffGadget(PLAN, withSpare));
    expect(again).not.toContain("mkdir functions/hid.usb0");
    expect(again).toContain("link hid.usb0");
  });

  it("goes to another controller", () => {
    const plan = planGadget(WHOLE_GADGET, "udc1");
    const steps = shown(diffGadget(plan, done(PLAN)));
    expect([steps[0], steps.at(-1)]).toEqual(["unbind", "bind udc1"]);
  });
});

describe("fittingFunctions", () => {
  const names = (endpoints: number, hasNoOutEndpoint: boolean): readonly string[] =>
    fittingFunctions(wantedFunctions(WHOLE_GADGET), endpoints, hasNoOutEndpoint).map(
      ({ name }) => name,
    );

  it("keeps everything on a controller with nine endpoints and a kernel that saves the OUT endpoint", () => {
    expect(names(9, true)).toHaveLength(5);
  });

  it("leaves out the media keys first when every device takes two endpoints", () => {
    expect(names(9, false)).toEqual(["hid.usb0", "hid.usb1", "hid.usb2", "mass_storage.usb0"]);
  });

  it("keeps the keyboard to the last", () => {
    expect(names(1, true)).toEqual(["hid.usb0"]);
    expect(names(0, true)).toEqual([]);
  });

  it("never exceeds the controller", () => {
    for (let endpoints = 0; endpoints < 12; endpoints += 1) {
      for (const saves of [true, false]) {
        const plans = fittingFunctions(wantedFunctions(WHOLE_GADGET), endpoints, saves);
        const used = plans.reduce((sum, plan) => sum + endpointsOf(plan, saves), 0);
        expect(used).toBeLessThanOrEqual(endpoints);
      }
    }
  });
});
