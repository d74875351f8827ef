import type { DecoderOptions, PictureDecoder } from "./decoder.ts";

/** Complete pictures: while one is decoded only the newest of the others waits. */
export function createJpegDecoder({ onPicture }: DecoderOptions): PictureDecoder {
  let isClosed = false;
  let isBusy = false;
  let newest: Uint8Array | undefined;
  const decode = async (bytes: Uint8Array): Promise<void> => {
    isBusy = true;
    try {
      const bitmap = await createImageBitmap(
        new Blob([Uint8Array.from(bytes)], { type: "image/jpeg" }),
      );
      if (!isClosed) onPicture({ width: bitmap.width, height: bitmap.height, source: bitmap });
      bitmap.close();
    } catch {
      // One broken picture; the next one comes soon.
    }
    isBusy = false;
    const next = newest;
    newest = undefined;
    if (next !== undefined && !isClosed) void decode(next);
  };
  return {
    take(bytes) {
      if (isBusy) newest = bytes;
      else void decode(bytes);
    },
    close() {
      isClosed = true;
    },
  };
}
