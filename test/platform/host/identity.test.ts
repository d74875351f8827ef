import { describe, expect, it } from "vitest";
import { recognizeBoard } from "../../../src/platform/host/board-table.ts";
import { readIdentity } from "../../../src/platform/host/identity.ts";
import { createFileTree } from "../../../src/platform/host/tree.ts";
import {
  CONTAINER,
  ONECLOUD,
  RASPBERRY_PI_4,
  RASPBERRY_PI_5,
  RASPBERRY_PI_ZERO_2,
  X86_BOX,
} from "../../fixtures/host/boards.ts";
import { plantTree } from "../../support/plant-tree.ts";
import type { TreeFiles } from "../../support/plant-tree.ts";

const identify = (files: TreeFiles) => readIdentity(createFileTree(plantTree(files)));

describe("readIdentity", () => {
  it.each([
    ["rpi4", RASPBERRY_PI_4, "Raspberry Pi 4 Model B Rev 1.4", "10000000abcdef01"],
    ["rpi-zero2", RASPBERRY_PI_ZERO_2, "Raspberry Pi Zero 2 W Rev 1.0", "00000000deadbeef"],
    ["rpi5", RASPBERRY_PI_5, "Raspberry Pi 5 Model B Rev 1.0", "f00d0000cafe0005"],
  ])("recognizes %s with its model and serial number", (preset, files, model, serial) => {
    expect(identify(files)).toMatchObject({ preset, model, serial });
  });

  it("lists what the device tree is compatible with", () => {
    expect(identify(RASPBERRY_PI_4).compatible).toEqual(["raspberrypi,4-model-b", "brcm,bcm2711"]);
  });

  it("derives a serial number for an OneCloud, whose own is all zeros", () => {
    const { preset, model, serial } = identify(ONECLOUD);
    expect({ preset, model }).toEqual({ preset: "onecloud", model: "Xunlei OneCloud" });
    expect(serial).toMatch(/^[0-9a-f]{16}$/);
    expect(serial).not.toMatch(/^0+$/);
    expect(identify(ONECLOUD).serial).toBe(serial);
  });

  it("derives different serial numbers for different installations and never shows the source", () => {
    const other = { ...ONECLOUD, "/etc/machine-id": "fedcba9876543210fedcba9876543210\n" };
    expect(identify(other).serial).not.toBe(identify(ONECLOUD).serial);
    expect("0123456789abcdef0123456789abcdef").not.toContain(identify(ONECLOUD).serial);
  });

  it("names a PC after its firmware's tables", () => {
    expect(identify(X86_BOX)).toMatchObject({ preset: "generic", model: "LENOVO 11N0CTO1WW" });
  });

  it("does not take the placeholders of mainboard makers for names", () => {
    const files = {
      "/sys/class/dmi/id/sys_vendor": "To Be Filled By O.E.M.\n",
      "/sys/class/dmi/id/product_name": "System Product Name\n",
    };
    expect(identify(files).model).toBeNull();
    const named = { ...files, "/sys/class/dmi/id/product_name": "NUC11\n" };
    expect(identify(named).model).toBe("NUC11");
  });

  it("uses the names of /proc/cpuinfo where there is no device tree", () => {
    const files = {
      "/proc/cpuinfo":
        "Hardware\t: BCM2835\nSerial\t\t: 00000000c0ffee00\nModel\t\t: Raspberry Pi 3 Model B Plus Rev 1.3\n",
    };
    expect(identify(files)).toMatchObject({
      preset: "rpi3",
      model: "Raspberry Pi 3 Model B Plus Rev 1.3",
      serial: "00000000c0ffee00",
    });
  });

  it("still has a serial number in a container with nothing", () => {
    const identity = identify(CONTAINER);
    expect(identity).toMatchObject({ preset: "generic", model: null, compatible: [] });
    expect(identity.serial).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe("recognizeBoard", () => {
  it.each([
    ["rpi2", ["raspberrypi,2-model-b", "brcm,bcm2836"]],
    ["rpi2", ["raspberrypi,2-model-b-rev2", "brcm,bcm2837"]],
    ["rpi3", ["raspberrypi,3-model-b", "brcm,bcm2837"]],
    ["rpi4", ["raspberrypi,4-compute-module", "brcm,bcm2711"]],
    ["rpi5", ["raspberrypi,5-compute-module", "brcm,bcm2712"]],
    ["generic", ["onething,oec-box", "rockchip,rk3566"]],
  ])("finds %s by its device tree", (preset, compatible) => {
    expect(recognizeBoard("something else", compatible)).toBe(preset);
  });
});
