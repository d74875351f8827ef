import { AppError } from "../../core/errors.ts";

/** There is no picture to be had now: nothing captures, nothing was saved, or the computer shows nothing. */
export class StreamerUnavailableError extends AppError {
  static readonly code = "STREAMER_UNAVAILABLE";
  constructor(message = "There is no picture", options?: ErrorOptions) {
    super("unavailable", StreamerUnavailableError.code, message, options);
  }
}

export class StreamerQualityNotSupportedError extends AppError {
  static readonly code = "STREAMER_QUALITY_NOT_SUPPORTED";
  constructor(options?: ErrorOptions) {
    const message = "This streamer does not support quality settings";
    super("unsupported", StreamerQualityNotSupportedError.code, message, options);
  }
}

export class StreamerResolutionNotSupportedError extends AppError {
  static readonly code = "STREAMER_RESOLUTION_NOT_SUPPORTED";
  constructor(options?: ErrorOptions) {
    const message = "This streamer does not support resolution settings";
    super("unsupported", StreamerResolutionNotSupportedError.code, message, options);
  }
}

export class StreamerH264NotSupportedError extends AppError {
  static readonly code = "STREAMER_H264_NOT_SUPPORTED";
  constructor(options?: ErrorOptions) {
    const message = "This streamer does not support H264";
    super("unsupported", StreamerH264NotSupportedError.code, message, options);
  }
}

/** Text recognition is off, not installed, or failed. */
export class OcrError extends AppError {
  static readonly code = "OCR";
  constructor(message: string, options?: ErrorOptions) {
    super("unsupported", OcrError.code, message, options);
  }
}
