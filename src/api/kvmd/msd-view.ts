/** The state of mass storage as `GET /api/msd` and the event `msd` show it (PiKVM API 4.5, 5.3, 14). */
import { isEqual } from "../../core/store.ts";
import type {
  MsdDriveState,
  MsdState,
  MsdStorageState,
  MsdTransfer,
} from "../../device/msd/msd-state.ts";
import type { StoragePart, StoredImage } from "../../platform/storage/port.ts";
import type { WsEvent, WsSource } from "./ws-source.ts";
import type { Msd } from "../../device/msd/msd.ts";

type ByName<T> = Readonly<Record<string, T>>;

function mapValues<T, R>(values: ByName<T>, view: (value: T) => R): ByName<R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, view(value)]));
}

function imageView({ complete, removable, writable, sizeBytes, modifiedAt }: StoredImage) {
  return { complete, removable, writable, size: sizeBytes, mod_ts: modifiedAt / 1000 };
}

function partView({ sizeBytes, freeBytes, writable }: StoragePart) {
  return { size: sizeBytes, free: freeBytes, writable };
}

const imagesView = (storage: MsdStorageState) => mapValues(storage.images, imageView);

/** With the figures of the root, as clients made for versions before 4.21 expect them. */
function partsView({ parts }: MsdStorageState) {
  const root = parts[""];
  return {
    parts: mapValues(parts, partView),
    size: root?.sizeBytes ?? 0,
    free: root?.freeBytes ?? 0,
  };
}

function downloadView(transfer: MsdTransfer | null) {
  if (transfer === null) return null;
  const { name, sizeBytes, doneBytes } = transfer;
  return { name, size: sizeBytes, readed: doneBytes };
}

/** Also the record of an upload in its answer. */
export function uploadView({ name, sizeBytes, doneBytes }: MsdTransfer) {
  return { name, size: sizeBytes, written: doneBytes };
}

function uploadingView(transfer: MsdTransfer | null) {
  return transfer === null ? null : uploadView(transfer);
}

function storageView(storage: MsdStorageState) {
  return {
    images: imagesView(storage),
    ...partsView(storage),
    downloading: downloadView(storage.downloading),
    uploading: uploadingView(storage.uploading),
  };
}

function driveView({ image, connected, cdrom, rw }: MsdDriveState) {
  if (image === null) return { image, connected, cdrom, rw };
  const { name, inStorage } = image;
  return { image: { name, in_storage: inStorage, ...imageView(image) }, connected, cdrom, rw };
}

export function msdToWire({ enabled, online, busy, storage, drive }: MsdState) {
  return {
    enabled,
    online,
    busy,
    storage: storage === null ? null : storageView(storage),
    drive: drive === null ? null : driveView(drive),
  };
}

/** A part of the event, and the key under which a slow client gets only the newest. */
type Change = readonly [key: string, event: unknown];

function storageChanges(next: MsdStorageState, previous: MsdStorageState): readonly Change[] {
  const changes: Change[] = [];
  const note = (key: string, storage: unknown): void => {
    changes.push([`msd:${key}`, { storage }]);
  };
  if (!isEqual(next.images, previous.images)) note("images", { images: imagesView(next) });
  if (!isEqual(next.parts, previous.parts)) note("parts", partsView(next));
  if (!isEqual(next.downloading, previous.downloading)) {
    note("downloading", { downloading: downloadView(next.downloading) });
  }
  if (!isEqual(next.uploading, previous.uploading)) {
    note("uploading", { uploading: uploadingView(next.uploading) });
  }
  return changes;
}

/** What of the state a connected client has to be told; everything when the subsystem came or went. */
export function msdChanges(next: MsdState, previous: MsdState): readonly Change[] {
  if (next.online !== previous.online || next.enabled !== previous.enabled) {
    return [["msd", msdToWire(next)]];
  }
  const changes: Change[] = [];
  if (next.busy !== previous.busy) changes.push(["msd:busy", { busy: next.busy }]);
  if (next.drive !== null && !isEqual(next.drive, previous.drive)) {
    changes.push(["msd:drive", { drive: driveView(next.drive) }]);
  }
  if (next.storage !== null && previous.storage !== null) {
    changes.push(...storageChanges(next.storage, previous.storage));
  }
  return changes;
}

/** The full state for a new client, then only what changed. */
export function msdSource({ state }: Msd): WsSource {
  return {
    snapshot: (): readonly WsEvent[] => [{ eventType: "msd", event: msdToWire(state.value) }],
    watch: (emit) =>
      state.subscribe((next, previous) => {
        for (const [key, event] of msdChanges(next, previous)) emit(key, "msd", event);
      }),
  };
}
