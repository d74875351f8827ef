import { describe, expect, it } from "vitest";
import { layerOf, matches, objection } from "./import-rules.ts";
import { importsOf } from "./source-text.ts";

function refusal(path: string, source: string): string | undefined {
  const layer = layerOf(path);
  const [line] = importsOf(source);
  return layer === undefined || line === undefined ? "not read" : objection(layer, path, line);
}

describe("import rules", () => {
  it("choose the most specific layer", () => {
    expect(layerOf("api/kvmd/atx.ts")?.from).toBe("api/kvmd");
    expect(layerOf("main.ts")?.from).toBe("main.ts");
    expect(layerOf("elsewhere/file.ts")).toBeUndefined();
  });

  it("match one segment with * and any number with **", () => {
    expect(matches("platform/**/port.ts", "platform/serial/port.ts")).toBe(true);
    expect(matches("platform/**/port.ts", "platform/serial/node-serial.ts")).toBe(false);
    expect(matches("core/**", "core/store.ts")).toBe(true);
    expect(matches("@fastify/*", "@fastify/cookie")).toBe(true);
    expect(matches("ws", "ws2")).toBe(false);
  });

  it.each([
    ["core/store.ts", 'import { x } from "../protocol/x.ts";', "outside what core"],
    ["core/store.ts", 'import { x } from "node:util";', "only platform/ does"],
    [
      "device/atx/atx.ts",
      'import { x } from "../../platform/gpio/sysfs.ts";',
      "outside what device",
    ],
    ["device/atx/atx.ts", 'import { x } from "../../config/schema.ts";', "for types only"],
    ["device/atx/atx.ts", 'import { x } from "fs";', "write node:fs"],
    ["device/atx/atx.ts", 'import { x } from "node:fs/promises";', "only platform/ does"],
    ["http/server.ts", 'import { x } from "../device/device.ts";', "outside what http"],
    ["api/kvmd/atx.ts", 'import { x } from "../../protocol/ch9329/frame.ts";', "outside what api"],
    ["device/hid/hid.ts", 'import x from "serialport";', "may not use the package serialport"],
    ["platform/serial/node.ts", 'import x from "serialport";', "loaded with import()"],
  ])("refuse, in %s, %s", (path, source, reason) => {
    expect(refusal(path, source)).toContain(reason);
  });

  it.each([
    ["device/atx/atx.ts", 'import { x } from "../../platform/gpio/port.ts";'],
    ["device/atx/atx.ts", 'import type { X } from "../../config/schema.ts";'],
    ["http/tls.ts", 'import { x } from "node:crypto";'],
    ["platform/serial/node.ts", 'const x = await import("serialport");'],
    ["platform/files/node.ts", 'import { x } from "node:fs/promises";'],
    ["cli/doctor.ts", 'import { x } from "../device/hid/probe.ts";'],
  ])("allow, in %s, %s", (path, source) => {
    expect(refusal(path, source)).toBeUndefined();
  });
});
