import { describe, expect, it } from "vitest";
import { BOARD_NAMES, boardPreset } from "../../src/config/boards.ts";
import { recognizeBoard } from "../../src/platform/host/board-table.ts";

describe("boards", () => {
  it.each([
    ["Raspberry Pi Zero 2 W Rev 1.0", ["raspberrypi,model-zero-2-w", "brcm,bcm2837"], "rpi-zero2"],
    ["Raspberry Pi 2 Model B Rev 1.1", ["raspberrypi,2-model-b", "brcm,bcm2836"], "rpi2"],
    ["Raspberry Pi 3 Model B Plus Rev 1.3", ["brcm,bcm2837"], "rpi3"],
    ["Raspberry Pi 4 Model B Rev 1.4", ["raspberrypi,4-model-b", "brcm,bcm2711"], "rpi4"],
    ["Raspberry Pi 5 Model B Rev 1.0", ["raspberrypi,5-model-b", "brcm,bcm2712"], "rpi5"],
    ["Xunlei OneCloud", ["xunlei,onecloud", "amlogic,meson8b"], "onecloud"],
    [null, [], "generic"],
  ])("have a preset for what the hardware of %s is recognized as", (model, compatible, name) => {
    expect(recognizeBoard(model, compatible)).toBe(name);
    expect(BOARD_NAMES).toContain(name);
  });

  it("never use one line for two purposes", () => {
    for (const name of BOARD_NAMES) {
      const pins = Object.values(boardPreset(name).atx).map(({ chip, line }) => `${chip} ${line}`);
      expect(new Set(pins).size).toBe(pins.length);
    }
  });

  it("are generic when their name is unknown", () => {
    expect(boardPreset("toString")).toBe(boardPreset("generic"));
  });
});
