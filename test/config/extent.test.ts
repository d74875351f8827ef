import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extentOf, RESTARTABLE } from "../../src/config/extent.ts";
import type { Extent } from "../../src/config/extent.ts";
import { isTree, walkSchema } from "../../src/config/json-schema.ts";
import type { Tree } from "../../src/config/json-schema.ts";
import { ConfigSchema } from "../../src/config/schema.ts";
import type { Config } from "../../src/config/schema.ts";
import { testConfig } from "../support/create-test-app.ts";

const BASE = await testConfig("/nowhere", {});
const PATHS = Array.from(walkSchema(ConfigSchema, { sections: false }), ({ path }) => path);

function withValue(tree: Tree, [key = "", ...rest]: readonly string[], value: unknown): Tree {
  const inner = tree[key];
  return {
    ...tree,
    [key]: rest.length > 0 && isTree(inner) ? withValue(inner, rest, value) : value,
  };
}

/** A configuration that differs in these paths, whatever makes sense there. */
function differingIn(...paths: readonly (readonly string[])[]): Config {
  const tree = paths.reduce<Tree>((base, path) => withValue(base, path, "something else"), BASE);
  return { ...BASE, ...tree };
}

const extentFor = (...names: readonly string[]): Extent =>
  extentOf(BASE, differingIn(...names.map((name) => name.split("."))));

describe("extentOf", () => {
  it.each([
    ["log.level", ["log"]],
    ["agent.intervalSeconds", ["agent"]],
    ["agent.control.exec", ["agent"]],
    ["device.hid.keymap", ["hid"]],
    ["device.hid.backend", ["hid", "msd", "gadget"]],
    ["device.atx.clickSeconds", ["atx"]],
    ["device.atx.powerLed", ["atx", "streamer"]],
    ["device.gpio.scheme", ["gpio"]],
    ["device.msd.maxImageGiB", ["msd"]],
    ["device.msd.path", ["hid", "msd", "gadget"]],
    ["device.gadget.product", ["hid", "msd", "gadget"]],
    ["device.streamer.quality", ["streamer"]],
    ["device.info.meta", ["info"]],
    ["device.switch.device", ["switch"]],
    ["device.terminal.enabled", ["info", "terminal"]],
  ])("begins for %s only %j anew", (name, parts) => {
    expect(extentFor(name)).toEqual(parts);
  });

  it.each([
    "roles",
    "dataDir",
    "platform",
    "http.port",
    "auth.initialUser",
    "hub.maxNodes",
    "proxy.port",
    "device.board",
    "device.web.pikvmRoot",
    "device.metrics",
  ])("begins everything anew for %s", (name) => {
    expect(extentFor(name)).toBe("everything");
  });

  it("begins nothing anew when nothing differs, also in a value of many parts", () => {
    expect(extentOf(BASE, structuredClone(BASE))).toEqual([]);
  });

  it("begins everything anew for a setting that nobody has thought about", () => {
    const novel = ["novel", "device.novel", "http.novel", "log.novel"];
    expect(novel.map((name) => extentFor(name))).toEqual(novel.map(() => "everything"));
  });

  it("is, for several changes, what each of them needs", () => {
    const path = fc.constantFrom(...PATHS);
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 6 }), (paths) => {
        const each = paths.map((one) => extentOf(BASE, differingIn(one)));
        const all = extentOf(BASE, differingIn(...paths));
        const together = RESTARTABLE.filter((part) => each.flat().includes(part));
        expect(all).toEqual(each.includes("everything") ? "everything" : together);
      }),
    );
  });

  it("is the same in both directions, and never empty for a difference", () => {
    for (const path of PATHS) {
      const other = differingIn(path);
      expect(extentOf(other, BASE)).toEqual(extentOf(BASE, other));
      expect(extentOf(BASE, other)).not.toEqual([]);
    }
  });
});
