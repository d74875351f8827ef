import type { GadgetState } from "../../platform/gadget/port.ts";
import type { StorageListing, StoragePart, StoredImage } from "../../platform/storage/port.ts";

/** An image that is being read or written. */
export interface MsdTransfer {
  readonly name: string;
  readonly sizeBytes: number;
  /** Bytes so far. */
  readonly doneBytes: number;
}

export interface MsdStorageState {
  /** By name, sorted. */
  readonly images: Readonly<Record<string, StoredImage>>;
  /** By place; `""` is the root. */
  readonly parts: Readonly<Record<string, StoragePart>>;
  readonly downloading: MsdTransfer | null;
  readonly uploading: MsdTransfer | null;
}

/** The image in, or chosen for, the drive. */
export interface MsdDriveImage extends StoredImage {
  readonly name: string;
  /** False for an image that somebody else inserted from elsewhere. */
  readonly inStorage: boolean;
}

export interface MsdDriveState {
  readonly image: MsdDriveImage | null;
  /** The computer sees it. */
  readonly connected: boolean;
  readonly cdrom: boolean;
  readonly rw: boolean;
}

/** Public state of the mass storage subsystem. */
export interface MsdState {
  readonly enabled: boolean;
  /** Drive and storage are there. */
  readonly online: boolean;
  /** An operation is going on that excludes others. */
  readonly busy: boolean;
  /** Null when not online. */
  readonly storage: MsdStorageState | null;
  readonly drive: MsdDriveState | null;
  /** For people: why it is not online. */
  readonly reason: string | null;
}

/** What was chosen for the drive; while connected, what is in it. */
export interface VirtualDrive {
  /** Name in the storage, or absolute path outside of it. */
  readonly image: { readonly name: string; readonly inStorage: boolean } | null;
  readonly connected: boolean;
  readonly cdrom: boolean;
  readonly rw: boolean;
}

/** What the subsystem knows besides the kernel. */
export interface MsdLocalState {
  readonly enabled: boolean;
  readonly busy: boolean;
  /** Undefined while the storage cannot be read; `storageError` says why. */
  readonly listing: StorageListing | undefined;
  readonly storageError: string | null;
  readonly drive: VirtualDrive;
  readonly downloading: MsdTransfer | null;
  readonly uploading: MsdTransfer | null;
}

const ELSEWHERE: StoredImage = {
  sizeBytes: 0,
  modifiedAt: 0,
  complete: true,
  removable: false,
  writable: false,
};

/** The listed image of that name. Names are anybody's, also those of object prototypes. */
export function imageIn(
  listing: StorageListing | undefined,
  name: string,
): StoredImage | undefined {
  return listing !== undefined && Object.hasOwn(listing.images, name)
    ? listing.images[name]
    : undefined;
}

function driveImageOf({ drive, listing }: MsdLocalState): MsdDriveImage | null {
  if (drive.image === null) return null;
  const { name, inStorage } = drive.image;
  const found = inStorage ? imageIn(listing, name) : undefined;
  return { ...(found ?? ELSEWHERE), name, inStorage: inStorage && found !== undefined };
}

function reasonOf(local: MsdLocalState, gadget: GadgetState): string | null {
  if (!local.enabled) return "Switched off by device.msd.enabled";
  if (gadget.phase !== "ready") return gadget.reason ?? "The USB gadget is being made";
  if (gadget.drive === undefined) return "The USB gadget has no drive";
  return local.storageError;
}

/** The public state that follows from the kernel's and ours. */
export function msdStateOf(local: MsdLocalState, gadget: GadgetState): MsdState {
  const { enabled, busy, listing, drive, downloading, uploading } = local;
  const common = { enabled, busy: enabled && busy, reason: reasonOf(local, gadget) };
  const isReady = enabled && gadget.phase === "ready" && gadget.drive !== undefined;
  if (!isReady || listing === undefined) {
    return { ...common, online: false, storage: null, drive: null };
  }
  const { connected, cdrom, rw } = drive;
  return {
    ...common,
    online: true,
    storage: { images: listing.images, parts: listing.parts, downloading, uploading },
    drive: { image: driveImageOf(local), connected, cdrom, rw },
  };
}
