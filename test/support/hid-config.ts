import type { HidConfig } from "../../src/config/schema.ts";

const RANGE = { min: -32_768, max: 32_767 };

/** The defaults of the section `device.hid`. */
export const HID_CONFIG: HidConfig = {
  backend: "auto",
  serialPath: "auto",
  serialCandidates: [],
  baudRate: "auto",
  mouse: "absolute",
  keymap: "en-us",
  ignoreKeys: [],
  mouseXRange: RANGE,
  mouseYRange: RANGE,
  jiggler: { enabled: true, active: false, intervalSeconds: 60 },
};
