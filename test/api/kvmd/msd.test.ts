import { describe, expect, it } from "vitest";
import { msdChanges, msdToWire } from "../../../src/api/kvmd/msd-view.ts";
import type { MsdState } from "../../../src/device/msd/msd-state.ts";

const IMAGE = {
  sizeBytes: 1000,
  modifiedAt: 1_720_000_000_250,
  complete: true,
  removable: true,
  writable: false,
};

const STATE: MsdState = {
  enabled: true,
  online: true,
  busy: false,
  reason: null,
  storage: {
    images: { "a.iso": IMAGE },
    parts: { "": { sizeBytes: 500, freeBytes: 400, writable: true } },
    downloading: null,
    uploading: null,
  },
  drive: {
    image: { ...IMAGE, name: "a.iso", inStorage: true },
    connected: false,
    cdrom: true,
    rw: false,
  },
};

const { storage: STORAGE } = STATE;
if (STORAGE === null) throw new Error("the example has a storage");

describe("msdToWire", () => {
  it("names things as PiKVM does, with the figures of the root that old clients read", () => {
    const image = {
      size: 1000,
      mod_ts: 1_720_000_000.25,
      complete: true,
      removable: true,
      writable: false,
    };
    expect(msdToWire(STATE)).toEqual({
      enabled: true,
      online: true,
      busy: false,
      storage: {
        images: { "a.iso": image },
        parts: { "": { size: 500, free: 400, writable: true } },
        size: 500,
        free: 400,
        downloading: null,
        uploading: null,
      },
      drive: {
        image: { name: "a.iso", in_storage: true, ...image },
        connected: false,
        cdrom: true,
        rw: false,
      },
    });
  });

  it("spells transfers as clients know them", () => {
    const transfer = { name: "x", sizeBytes: 9, doneBytes: 4 };
    const storage = { ...STORAGE, downloading: transfer, uploading: transfer };
    expect(msdToWire({ ...STATE, storage }).storage).toMatchObject({
      downloading: { name: "x", size: 9, readed: 4 },
      uploading: { name: "x", size: 9, written: 4 },
    });
  });

  it("has neither storage nor drive when offline", () => {
    const offline = { ...STATE, online: false, storage: null, drive: null };
    expect(msdToWire(offline)).toMatchObject({ online: false, storage: null, drive: null });
  });
});

describe("msdChanges", () => {
  it("says nothing when nothing a client sees has changed", () => {
    expect(msdChanges({ ...STATE, reason: "only for people" }, STATE)).toEqual([]);
  });

  it("tells each part on its own, so that a slow client misses only older news of the same", () => {
    const next: MsdState = {
      ...STATE,
      busy: true,
      storage: {
        ...STORAGE,
        parts: { "": { sizeBytes: 500, freeBytes: 300, writable: true } },
        uploading: { name: "x", sizeBytes: 9, doneBytes: 4 },
      },
    };
    expect(msdChanges(next, STATE)).toEqual([
      ["msd:busy", { busy: true }],
      [
        "msd:parts",
        {
          storage: {
            parts: { "": { size: 500, free: 300, writable: true } },
            size: 500,
            free: 300,
          },
        },
      ],
      ["msd:uploading", { storage: { uploading: { name: "x", size: 9, written: 4 } } }],
    ]);
  });

  it("tells everything when the subsystem comes or goes", () => {
    const offline = { ...STATE, online: false, storage: null, drive: null };
    expect(msdChanges(offline, STATE)).toEqual([["msd", msdToWire(offline)]]);
    expect(msdChanges(STATE, offline)).toEqual([["msd", msdToWire(STATE)]]);
  });

  it("replaces images and drive as a whole", () => {
    const next: MsdState = {
      ...STATE,
      storage: { ...STORAGE, images: {} },
      drive: { image: null, connected: false, cdrom: false, rw: false },
    };
    expect(msdChanges(next, STATE)).toEqual([
      ["msd:drive", { drive: { image: null, connected: false, cdrom: false, rw: false } }],
      ["msd:images", { storage: { images: {} } }],
    ]);
  });
});
