import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../../../src/core/log.ts";
import { until } from "../../../src/core/store.ts";
import { ConfigfsControl } from "../../../src/platform/gadget/control.ts";
import { KernelView } from "../../../src/platform/gadget/kernel-view.ts";
import { createNodeGadgetHost } from "../../../src/platform/gadget/node-gadget.ts";
import { GadgetOfflineError } from "../../../src/platform/gadget/port.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeKernel, UDC } from "../../support/fake-configfs.ts";
import { WHOLE_GADGET } from "../../support/gadget-description.ts";
import { tempDir } from "../../support/temp-dir.ts";

function rig(udc = "") {
  const folder = tempDir();
  const storage = join(folder, "images");
  mkdirSync(storage);
  writeFileSync(join(storage, "a.img"), "image");
  const kernel = fakeKernel(join(folder, "kernel"));
  const clock = fakeClock();
  const host = createNodeGadgetHost({
    view: new KernelView(kernel.files, kernel.paths),
    control: ({ storageRoot }) =>
      new ConfigfsControl({
        files: kernel.files,
        root: kernel.paths.gadget,
        clock,
        storageRoot,
      }),
    clock,
    log: silentLogger,
  });
  const settings = { description: WHOLE_GADGET, udc, helperSocket: "", storageRoot: storage };
  const gadget = host.open(settings);
  const stop = new AbortController();
  const run = (): void => {
    const running = gadget.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await running;
    });
  };
  return { kernel, clock, gadget, run, image: join(storage, "a.img") };
}

describe("the gadget of this machine", () => {
  it("is made and then follows the computer's state", async () => {
    const { gadget, kernel, clock, run } = rig();
    expect(gadget.state.value.phase).toBe("starting");
    run();
    await until(gadget.state, ({ phase }) => phase === "ready");
    expect(gadget.state.value.configured).toBe(false);
    kernel.setUdcState("configured");
    await clock.advance(500);
    expect(gadget.state.value.configured).toBe(true);
  });

  it("waits for a controller, and takes the configured one only", async () => {
    const { gadget, kernel, clock, run } = rig("other.usb");
    run();
    await until(gadget.state, ({ phase }) => phase === "absent");
    expect(gadget.state.value.reason).toContain("called other.usb");
    mkdirSync(join(kernel.paths.udcClass, "other.usb"));
    await clock.advance(10_000);
    expect(gadget.state.value.phase).toBe("ready");
    expect(kernel.log.at(-1)).toBe("write UDC other.usb");
  });

  it("shows an inserted medium at once, and notices that the computer ejected it", async () => {
    const { gadget, kernel, clock, run, image } = rig();
    run();
    await until(gadget.state, ({ phase }) => phase === "ready");
    const inserting = gadget.insert({ path: image, cdrom: false, rw: true });
    // Open input devices are to be closed before they vanish.
    expect(gadget.state.value.binding).toBe(2);
    expect(kernel.log.filter((line) => line.startsWith("write UDC"))).toHaveLength(1);
    // The moment in which the device is unplugged is not taken for its end.
    await clock.advance(320);
    await inserting;
    expect(gadget.state.value.drive).toEqual({ file: image, cdrom: false, rw: true });
    kernel.ejectByComputer();
    await clock.advance(500);
    expect(gadget.state.value.drive).toMatchObject({ file: "" });
  });

  it("makes the gadget again when somebody has taken it down", async () => {
    const { gadget, kernel, clock, run } = rig();
    run();
    await until(gadget.state, ({ phase }) => phase === "ready");
    kernel.files.write(join(kernel.paths.gadget, "UDC"), Buffer.from("\n"));
    await clock.advance(500);
    expect(gadget.state.value.phase).toBe("ready");
    expect(kernel.log.at(-1)).toBe(`write UDC ${UDC}`);
  });

  it("says why it cannot be made, and tries again", async () => {
    const { gadget, kernel, clock, run } = rig();
    const parent = join(kernel.paths.gadget, "..");
    rmSync(parent, { recursive: true });
    run();
    await until(gadget.state, ({ phase }) => phase === "failed");
    expect(gadget.state.value.reason).toContain("ENOENT");
    await expect(gadget.insert({ path: "/x", cdrom: true, rw: false })).rejects.toThrow(
      GadgetOfflineError,
    );
    mkdirSync(parent);
    await clock.advance(1000);
    expect(gadget.state.value.phase).toBe("ready");
  });

  it("has no input device to open where the kernel shows none", async () => {
    const { gadget, run } = rig();
    run();
    await until(gadget.state, ({ phase }) => phase === "ready");
    await expect(gadget.openNode("keyboard")).rejects.toThrow(GadgetOfflineError);
  });
});
