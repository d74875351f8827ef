/** Something with the size of a picture that can be drawn. */
export interface Drawable {
  readonly width: number;
  readonly height: number;
  readonly source: CanvasImageSource;
}

/** Takes encoded pictures and passes them on decoded. */
export interface PictureDecoder {
  /** `isKey`: it can be understood without the ones before. */
  readonly take: (bytes: Uint8Array, isKey: boolean) => void;
  readonly close: () => void;
}

export interface DecoderOptions {
  readonly onPicture: (picture: Drawable) => void;
  /** It cannot go on: `canRetry` after a new key frame, else not at all. */
  readonly onFailure: (canRetry: boolean) => void;
}
