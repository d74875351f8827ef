import type { DiscLimits, GadgetDrive } from "../../platform/gadget/port.ts";
import type { StoredImage } from "../../platform/storage/port.ts";
import { MsdDiscSizeError } from "./msd-errors.ts";
import type { VirtualDrive } from "./msd-state.ts";

/** What a client wants to change; undefined leaves a value alone. */
export interface DriveParams {
  /** Name of an image; empty takes it out. */
  readonly image?: string | undefined;
  readonly cdrom?: boolean | undefined;
  readonly rw?: boolean | undefined;
}

export const EMPTY_DRIVE: VirtualDrive = { image: null, connected: false, cdrom: true, rw: false };

/** Discs and images that cannot be written are never read-write (PiKVM API 4.5). */
export function withParams(
  drive: VirtualDrive,
  params: DriveParams,
  imageOf: (name: string) => StoredImage | undefined,
): VirtualDrive {
  const { cdrom = drive.cdrom, rw = drive.rw } = params;
  const image =
    params.image === undefined
      ? drive.image
      : params.image === ""
        ? null
        : { name: params.image, inStorage: true };
  const isWritable = image === null || (imageOf(image.name)?.writable ?? false);
  return { ...drive, image, cdrom, rw: rw && !cdrom && isWritable };
}

/** Brings what we know in line with the kernel: somebody else, or the computer, may have changed the medium. */
export function followKernel(
  drive: VirtualDrive,
  real: GadgetDrive,
  nameOf: (path: string) => string | undefined,
): VirtualDrive {
  if (real.file !== "") {
    const name = nameOf(real.file);
    const image = { name: name ?? real.file, inStorage: name !== undefined };
    return { image, connected: true, cdrom: real.cdrom, rw: real.rw };
  }
  const image = drive.image?.inStorage === true ? drive.image : null;
  return { ...drive, image, connected: false };
}

/** The kernel would show a disc that is too large cut short, which corrupts an installation silently. */
export function checkDiscSize(sizeBytes: number, limits: DiscLimits | undefined): void {
  if (limits === undefined) return;
  if (sizeBytes < limits.minBytes) {
    throw new MsdDiscSizeError("The image is too small to be a disc; connect it with cdrom=0");
  }
  if (sizeBytes <= limits.maxBytes) return;
  throw new MsdDiscSizeError(
    `This kernel shows only the first ${(limits.maxBytes / 2 ** 30).toFixed(1)} GiB of a disc. ` +
      "Connect the image as a flash disk with cdrom=0: hybrid images start from it too",
  );
}
