import { AppError } from "../../core/errors.ts";

/** The picture is not a JPEG that can be read, or too many wait already. */
export class PictureError extends AppError {
  static readonly code = "PICTURE";
  constructor(message: string, options?: ErrorOptions) {
    super("unavailable", PictureError.code, message, options);
  }
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture in pixels; `right` and `bottom` are just outside. */
export interface PictureBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Work on JPEG pictures that takes long on a small board; it never holds up the event loop. */
export interface PictureTools {
  /** The picture in another size, 1..100 quality. Rejects with `PictureError`. */
  resize(jpeg: Uint8Array, size: PictureSize, quality: number): Promise<Uint8Array>;
  /** A part of the picture as a binary PGM file (gray). Parts outside are left out. Rejects with `PictureError`. */
  cutGray(jpeg: Uint8Array, box: PictureBox): Promise<Uint8Array>;
  /** Ends the work and what does it. */
  close(): Promise<void>;
}
