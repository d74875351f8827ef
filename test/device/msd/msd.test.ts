import { mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createScope } from "../../../src/core/scope.ts";
import { silentLogger } from "../../../src/core/log.ts";
import { createStore, until } from "../../../src/core/store.ts";
import { createMsd } from "../../../src/device/msd/msd.ts";
import type { Msd } from "../../../src/device/msd/msd.ts";
import {
  GadgetOfflineError,
  MAINLINE_DISC_LIMITS,
  MediumLockedError,
} from "../../../src/platform/gadget/port.ts";
import type { GadgetState, Medium, UsbGadget } from "../../../src/platform/gadget/port.ts";
import { createImageStorage } from "../../../src/platform/storage/file-images.ts";
import { fakeClock, settle } from "../../support/fake-clock.ts";
import { tempDir } from "../../support/temp-dir.ts";

const EMPTY = { file: "", cdrom: true, rw: false } as const;

class FakeGadget implements UsbGadget {
  readonly state = createStore<GadgetState>({
    phase: "ready",
    reason: null,
    binding: 1,
    configured: true,
    drive: EMPTY,
    hid: [],
    discLimits: MAINLINE_DISC_LIMITS,
  });
  isLocked = false;

  patch(change: Partial<GadgetState>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  run(): Promise<void> {
    return Promise.resolve();
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  insert({ path, cdrom, rw }: Medium): Promise<void> {
    this.patch({ drive: { file: path, cdrom, rw } });
    return Promise.resolve();
  }

  eject(): Promise<void> {
    if (this.isLocked) return Promise.reject(new MediumLockedError());
    this.patch({ drive: { ...(this.state.value.drive ?? EMPTY), file: "" } });
    return Promise.resolve();
  }

  openNode(): Promise<never> {
    return Promise.reject(new GadgetOfflineError("no devices"));
  }
}

const CONFIG = {
  enabled: true,
  path: "",
  maxImageGiB: 1,
  idleSeconds: 60,
  remote: { enabled: true, allowPrivate: false, maxRedirects: 5 },
} as const;

async function rig(files: Readonly<Record<string, number>> = {}, config = {}) {
  const root = join(tempDir(), "images");
  mkdirSync(root);
  const plant = (name: string, size: number): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), Buffer.alloc(size));
  };
  for (const [name, size] of Object.entries(files)) plant(name, size);
  const clock = fakeClock();
  const gadget = new FakeGadget();
  const images = createImageStorage({ clock }).open(root);
  const parts = { gadget, images, clock, log: silentLogger };
  const msd = createMsd({ config: { ...CONFIG, ...config }, ...parts });
  const scope = createScope("test", silentLogger);
  onTestFinished(() => scope.close());
  await msd.start(scope);
  await settle();
  if (msd.state.value.enabled) await until(msd.state, ({ online }) => online);
  return { msd, gadget, clock, root, plant, scope };
}

async function* chunksOf(...sizes: readonly number[]): AsyncGenerator<Uint8Array, void> {
  for (const size of sizes) {
    yield new Uint8Array(size);
    await Promise.resolve();
  }
}

const driveOf = (msd: Msd) => msd.state.value.drive;
const MIB = 1024 * 1024;

describe("mass storage", () => {
  it("is offline, with the reason, until the gadget has its drive", async () => {
    const { msd, gadget } = await rig();
    gadget.patch({ phase: "failed", reason: "The helper is missing", drive: undefined });
    expect(msd.state.value).toMatchObject({
      online: false,
      storage: null,
      drive: null,
      reason: "The helper is missing",
    });
    await expect(msd.setParams({ cdrom: true })).rejects.toMatchObject({ code: "MSD_OFFLINE" });
    gadget.patch({ phase: "ready", reason: null, drive: EMPTY });
    expect(msd.state.value).toMatchObject({ online: true, reason: null });
  });

  it("refuses everything when switched off", async () => {
    const { msd } = await rig({}, { enabled: false });
    expect(msd.state.value).toMatchObject({ enabled: false, online: false, busy: false });
    await expect(msd.reset()).rejects.toMatchObject({ code: "MSD_DISABLED" });
    await expect(msd.startDownload("a")).rejects.toMatchObject({ code: "MSD_DISABLED" });
  });

  it("never makes a disc or an image that cannot be written read-write", async () => {
    const { msd } = await rig({ "a.iso": MIB, "b.img": MIB });
    await msd.setParams({ image: "b.img", cdrom: false, rw: true });
    expect(driveOf(msd)).toMatchObject({ rw: true });
    await msd.setParams({ cdrom: true });
    expect(driveOf(msd)).toMatchObject({ cdrom: true, rw: false });
    await msd.setParams({ image: "a.iso", cdrom: false, rw: true });
    expect(driveOf(msd)).toMatchObject({ image: { name: "a.iso" }, rw: false });
    await msd.setParams({ image: "" });
    expect(driveOf(msd)).toMatchObject({ image: null });
  });

  it("refuses discs that the kernel would cut short, with advice", async () => {
    const { msd, gadget } = await rig({ "small.iso": 4096, "ok.iso": MIB });
    await msd.setParams({ image: "small.iso", cdrom: true });
    await expect(msd.setConnected(true)).rejects.toMatchObject({
      code: "MSD_DISC_SIZE",
      message: expect.stringContaining("cdrom=0"),
    });
    gadget.patch({ discLimits: { minBytes: 1, maxBytes: MIB - 1 } });
    await msd.setParams({ image: "ok.iso" });
    await expect(msd.setConnected(true)).rejects.toMatchObject({ code: "MSD_DISC_SIZE" });
    gadget.patch({ discLimits: undefined });
    await msd.setConnected(true);
    expect(driveOf(msd)).toMatchObject({ connected: true });
  });

  it("notices that the chosen image has vanished", async () => {
    const { msd, root } = await rig({ "a.img": 100 });
    await msd.setParams({ image: "a.img", cdrom: false });
    unlinkSync(join(root, "a.img"));
    await expect(msd.setConnected(true)).rejects.toMatchObject({ code: "IMAGE_MISSING" });
    expect(driveOf(msd)).toMatchObject({ image: null, connected: false });
  });

  it("finds an image that was copied into the folder a moment ago", async () => {
    const { msd, plant } = await rig();
    plant("late.img", 100);
    await msd.setParams({ image: "late.img" });
    expect(driveOf(msd)).toMatchObject({ image: { name: "late.img", inStorage: true } });
  });

  it("shows a medium that somebody else has inserted, and forgets it when it is out", async () => {
    const { msd, gadget } = await rig({ "a.img": 100 });
    gadget.patch({ drive: { file: "/boot/rescue.img", cdrom: false, rw: true } });
    expect(driveOf(msd)).toMatchObject({
      connected: true,
      rw: true,
      image: { name: "/boot/rescue.img", inStorage: false },
    });
    await expect(msd.setParams({ image: "a.img" })).rejects.toMatchObject({
      code: "MSD_CONNECTED",
    });
    await msd.setConnected(false);
    expect(driveOf(msd)).toMatchObject({ connected: false, image: null });
  });

  it("keeps a medium that the computer holds, and says so", async () => {
    const { msd, gadget } = await rig({ "a.img": 100 });
    await msd.setParams({ image: "a.img", cdrom: false });
    await msd.setConnected(true);
    gadget.isLocked = true;
    await expect(msd.setConnected(false)).rejects.toMatchObject({ code: "MEDIUM_LOCKED" });
    expect(msd.state.value).toMatchObject({ busy: false, drive: { connected: true } });
  });

  it("empties the drive and forgets its settings on reset", async () => {
    const { msd } = await rig({ "a.img": 100 });
    await msd.setParams({ image: "a.img", cdrom: false, rw: true });
    await msd.setConnected(true);
    await msd.reset();
    expect(driveOf(msd)).toEqual({ image: null, connected: false, cdrom: false, rw: false });
  });

  it("shows the progress of an upload once a second, and the image as soon as it is whole", async () => {
    const { msd, clock } = await rig();
    const upload = await msd.startUpload({
      name: "new.img",
      sizeBytes: 300,
      removeIncomplete: false,
    });
    expect(msd.state.value).toMatchObject({
      busy: true,
      storage: {
        images: { "new.img": { complete: false } },
        uploading: { name: "new.img", sizeBytes: 300, doneBytes: 0 },
      },
    });
    async function* source(): AsyncGenerator<Uint8Array, void> {
      yield new Uint8Array(100);
      await clock.advance(999);
      expect(msd.state.value.storage?.uploading).toMatchObject({ doneBytes: 0 });
      await clock.advance(1);
      expect(msd.state.value.storage?.uploading).toMatchObject({ doneBytes: 100 });
      yield new Uint8Array(200);
    }
    expect(await upload.run(source())).toMatchObject({ doneBytes: 300 });
    expect(msd.state.value).toMatchObject({
      busy: false,
      storage: { images: { "new.img": { complete: true, sizeBytes: 300 } }, uploading: null },
    });
  });

  it.each([
    ["fewer", [100, 50]],
    ["more", [100, 150]],
  ])("does not take %s bytes than announced for an image", async (_, sizes) => {
    const { msd } = await rig();
    const request = { name: "x.img", sizeBytes: 200, removeIncomplete: false };
    const upload = await msd.startUpload(request);
    await expect(upload.run(chunksOf(...sizes))).rejects.toMatchObject({ code: "MSD_UPLOAD_CUT" });
    expect(msd.state.value.storage?.images["x.img"]).toMatchObject({ complete: false });
    expect(msd.state.value.busy).toBe(false);
  });

  it("refuses images beyond the configured size", async () => {
    const { msd } = await rig();
    await expect(
      msd.startUpload({ name: "x.img", sizeBytes: 2 ** 30 + 1, removeIncomplete: false }),
    ).rejects.toMatchObject({ code: "MSD_IMAGE_TOO_LARGE" });
    expect(msd.state.value.busy).toBe(false);
  });

  it("does one thing at a time, and can go on after a failure", async () => {
    const { msd } = await rig({ "a.img": 1000 });
    const download = await msd.startDownload("a.img");
    for (const attempt of [
      () => msd.setParams({ cdrom: true }),
      () => msd.remove("a.img"),
      () => msd.startDownload("a.img"),
      () => msd.startUpload({ name: "b.img", sizeBytes: 1, removeIncomplete: false }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "MSD_BUSY" });
    }
    await download.close();
    await expect(msd.startDownload("nope")).rejects.toMatchObject({ code: "IMAGE_MISSING" });
    await msd.remove("a.img");
    expect(msd.state.value.storage?.images).toEqual({});
  });

  it("deselects an image that is removed", async () => {
    const { msd } = await rig({ "a.img": 100 });
    await msd.setParams({ image: "a.img" });
    await msd.remove("a.img");
    expect(driveOf(msd)).toMatchObject({ image: null });
  });

  it("is not fooled by images that are called like parts of JavaScript", async () => {
    const { msd } = await rig();
    await expect(msd.setParams({ image: "constructor" })).rejects.toMatchObject({
      code: "IMAGE_MISSING",
    });
    await expect(msd.remove("__proto__")).rejects.toMatchObject({ code: "IMAGE_MISSING" });
  });

  it("holds no timer once its scope is closed", async () => {
    const { clock, scope } = await rig();
    await scope.close();
    expect(clock.pending).toBe(0);
  });
});
