import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { GadgetControl } from "../../src/platform/gadget/control.ts";
import { KernelView } from "../../src/platform/gadget/kernel-view.ts";
import { MediumLockedError, MediumRefusedError } from "../../src/platform/gadget/port.ts";
import { fakeKernel, UDC } from "../support/fake-configfs.ts";
import type { FakeKernel, FakeKernelOptions } from "../support/fake-configfs.ts";
import { WHOLE_GADGET } from "../support/gadget-description.ts";
import { tempDir } from "../support/temp-dir.ts";

export interface ControlRig {
  readonly kernel: FakeKernel;
  /** Folder below which images may be inserted. */
  readonly storage: string;
}

/** What every way to the kernel must do: directly, and through the helper. */
export function gadgetControlContract(
  name: string,
  open: (rig: ControlRig) => Promise<GadgetControl>,
): void {
  const rigOf = async (options: FakeKernelOptions = {}) => {
    const folder = tempDir();
    const storage = join(folder, "images");
    mkdirSync(storage);
    const kernel = fakeKernel(join(folder, "kernel"), options);
    const control = await open({ kernel, storage });
    const image = join(storage, "a.iso");
    writeFileSync(image, Buffer.alloc(1024 * 1024, 7));
    return {
      folder,
      storage,
      kernel,
      control,
      image,
      view: new KernelView(kernel.files, kernel.paths),
    };
  };
  let rig: Awaited<ReturnType<typeof rigOf>>;

  describe(`GadgetControl: ${name}`, () => {
    beforeEach(async () => {
      rig = await rigOf();
    });

    it("makes the gadget, which then shows its drive and input devices", async () => {
      const { control, kernel, view } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      kernel.setUdcState("configured");
      expect(view.read()).toMatchObject({
        isBound: true,
        configured: true,
        drive: { file: "", cdrom: true, rw: false },
        hid: ["keyboard", "absolute", "relative", "media"],
      });
    });

    it("touches nothing when the gadget is as described already", async () => {
      const { control, kernel } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      const before = kernel.log.length;
      await control.apply(WHOLE_GADGET, UDC);
      expect(kernel.log.slice(before)).toEqual([]);
    });

    it("changes a bound gadget by way of new links", async () => {
      const { control, view } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      await control.apply({ ...WHOLE_GADGET, hid: ["keyboard"] }, UDC);
      expect(view.read()).toMatchObject({ isBound: true, hid: ["keyboard"] });
      await control.apply(WHOLE_GADGET, UDC);
      expect(view.read().hid).toHaveLength(4);
    });

    it("fits an old kernel on which every input device takes two endpoints", async () => {
      const { control, view } = await rigOf({ hasNoOutEndpoint: false });
      await control.apply(WHOLE_GADGET, UDC);
      expect(view.read()).toMatchObject({
        isBound: true,
        hid: ["keyboard", "absolute", "relative"],
      });
    });

    it("says what the kernel refused", async () => {
      const { control } = await rigOf({ endpoints: 2 });
      await expect(control.apply(WHOLE_GADGET, UDC)).rejects.toMatchObject({
        code: "GADGET_OFFLINE",
        message: expect.stringContaining("refused to bind"),
      });
    });

    it("inserts and ejects a medium", async () => {
      const { control, view, image } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      await control.insert({ path: image, cdrom: false, rw: true });
      expect(view.read().drive).toEqual({ file: image, cdrom: false, rw: true });
      await control.eject();
      expect(view.read().drive).toMatchObject({ file: "" });
      await control.insert({ path: image, cdrom: true, rw: false });
      expect(view.read().drive).toEqual({ file: image, cdrom: true, rw: false });
    });

    it("plugs the device in anew when a disc takes the place of a disk, which computers would not notice", async () => {
      const { control, kernel, image } = rig;
      const binds = (): readonly string[] =>
        kernel.log.filter((line) => line.startsWith("write UDC")).map((line) => line.slice(10));
      await control.apply(WHOLE_GADGET, UDC);
      await control.insert({ path: image, cdrom: true, rw: false });
      await control.eject();
      expect(binds()).toEqual([UDC]);
      await control.insert({ path: image, cdrom: false, rw: false });
      await control.eject();
      await control.insert({ path: image, cdrom: false, rw: true });
      expect(binds()).toEqual([UDC, "", UDC]);
      expect(rig.view.read()).toMatchObject({ isBound: true, drive: { cdrom: false, rw: true } });
    });

    it("does not exchange a medium that is in use", async () => {
      const { control, image } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      await control.insert({ path: image, cdrom: true, rw: false });
      await expect(control.insert({ path: image, cdrom: true, rw: false })).rejects.toThrow(
        MediumLockedError,
      );
    });

    it("takes a medium away from a computer that holds it, where the kernel can", async () => {
      const { control, kernel, view, image } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      await control.insert({ path: image, cdrom: true, rw: false });
      kernel.isLocked = true;
      await control.eject();
      expect(view.read().drive).toMatchObject({ file: "" });
    });

    it("says that the medium is held where the kernel cannot take it away", async () => {
      const { control, kernel, image } = await rigOf({ hasForcedEject: false });
      await control.apply(WHOLE_GADGET, UDC);
      await control.insert({ path: image, cdrom: true, rw: false });
      kernel.isLocked = true;
      await expect(control.eject()).rejects.toThrow(MediumLockedError);
    });

    it("inserts nothing from outside the storage, by whatever path", async () => {
      const { control, folder, storage, view } = rig;
      await control.apply(WHOLE_GADGET, UDC);
      const secret = join(folder, "secret.img");
      writeFileSync(secret, "secret");
      symlinkSync(secret, join(storage, "link.img"));
      mkdirSync(join(folder, "images-of-others"));
      writeFileSync(join(folder, "images-of-others/x.img"), "x");
      symlinkSync(folder, join(storage, "up"));
      for (const path of [
        secret,
        join(storage, "link.img"),
        `${storage}/../secret.img`,
        join(storage, "up/secret.img"),
        join(folder, "images-of-others/x.img"),
        storage,
        "/dev/null",
        join(storage, "missing.img"),
      ]) {
        await expect(control.insert({ path, cdrom: false, rw: true })).rejects.toThrow(
          MediumRefusedError,
        );
      }
      expect(view.read().drive?.file).toBe("");
    });
  });
}
