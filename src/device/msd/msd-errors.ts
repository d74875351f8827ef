import { AppError } from "../../core/errors.ts";

/** Mass storage is switched off in the configuration. */
export class MsdDisabledError extends AppError {
  static readonly code = "MSD_DISABLED";
  constructor(options?: ErrorOptions) {
    super("unsupported", MsdDisabledError.code, "MSD is disabled", options);
  }
}

/** The gadget's drive or the storage is missing; the state says why. */
export class MsdOfflineError extends AppError {
  static readonly code = "MSD_OFFLINE";
  constructor(options?: ErrorOptions) {
    super("unavailable", MsdOfflineError.code, "MSD is not found", options);
  }
}

/** The medium is in the computer's drive, which the operation cannot have. */
export class MsdConnectedError extends AppError {
  static readonly code = "MSD_CONNECTED";
  constructor(options?: ErrorOptions) {
    const message = "MSD is connected to Server, but shouldn't for this operation";
    super("conflict", MsdConnectedError.code, message, options);
  }
}

/** There is no medium in the computer's drive. */
export class MsdDisconnectedError extends AppError {
  static readonly code = "MSD_DISCONNECTED";
  constructor(options?: ErrorOptions) {
    const message = "MSD is disconnected from Server, but should be for this operation";
    super("conflict", MsdDisconnectedError.code, message, options);
  }
}

/** Nothing was chosen that could be connected. */
export class MsdImageNotSelectedError extends AppError {
  static readonly code = "MSD_IMAGE_NOT_SELECTED";
  constructor(options?: ErrorOptions) {
    super("conflict", MsdImageNotSelectedError.code, "The image is not selected", options);
  }
}

/** The chosen image was not written to its end. */
export class MsdImageIncompleteError extends AppError {
  static readonly code = "MSD_IMAGE_INCOMPLETE";
  constructor(options?: ErrorOptions) {
    const message = "The image is incomplete: remove it and upload it again";
    super("conflict", MsdImageIncompleteError.code, message, options);
  }
}

/** The image lies in a part of the storage that cannot be written. */
export class MsdImageStaticError extends AppError {
  static readonly code = "MSD_IMAGE_STATIC";
  constructor(options?: ErrorOptions) {
    super("unsupported", MsdImageStaticError.code, "This image can't be removed", options);
  }
}

/** The kernel can offer discs of some sizes only. */
export class MsdDiscSizeError extends AppError {
  static readonly code = "MSD_DISC_SIZE";
  constructor(message: string, options?: ErrorOptions) {
    super("unsupported", MsdDiscSizeError.code, message, options);
  }
}

/** The image is larger than the configuration permits. */
export class MsdImageTooLargeError extends AppError {
  static readonly code = "MSD_IMAGE_TOO_LARGE";
  constructor(maxGiB: number, options?: ErrorOptions) {
    const message = `The image is larger than ${maxGiB} GiB (device.msd.maxImageGiB)`;
    super("tooLarge", MsdImageTooLargeError.code, message, options);
  }
}

/** An image is being read or written, or the drive is being changed. */
export class MsdBusyError extends AppError {
  static readonly code = "MSD_BUSY";
  constructor(options?: ErrorOptions) {
    const message = "Performing another MSD operation, please try again later";
    super("busy", MsdBusyError.code, message, options);
  }
}

/** Drives that show an image of another computer are not offered. */
export class MsdRemoteDisabledError extends AppError {
  static readonly code = "MSD_REMOTE_DISABLED";
  constructor(message = "Remote images binding is disabled", options?: ErrorOptions) {
    super("unsupported", MsdRemoteDisabledError.code, message, options);
  }
}

/** The sender of an image stopped before its end. */
export class MsdUploadCutError extends AppError {
  static readonly code = "MSD_UPLOAD_CUT";
  constructor(message: string, options?: ErrorOptions) {
    super("cancelled", MsdUploadCutError.code, message, options);
  }
}
