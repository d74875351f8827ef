import { AppError } from "../../core/errors.ts";

/** No output of that name is configured. */
export class GpioChannelNotFoundError extends AppError {
  static readonly code = "GPIO_CHANNEL_NOT_FOUND";
  constructor(options?: ErrorOptions) {
    super("notFound", GpioChannelNotFoundError.code, "GPIO channel is not found", options);
  }
}

/** The output may only be pulsed, or is constant. */
export class GpioSwitchNotSupportedError extends AppError {
  static readonly code = "GPIO_SWITCH_NOT_SUPPORTED";
  constructor(options?: ErrorOptions) {
    super(
      "unsupported",
      GpioSwitchNotSupportedError.code,
      "This GPIO channel does not support switching",
      options,
    );
  }
}

/** The output has no pulse configured. */
export class GpioPulseNotSupportedError extends AppError {
  static readonly code = "GPIO_PULSE_NOT_SUPPORTED";
  constructor(options?: ErrorOptions) {
    super(
      "unsupported",
      GpioPulseNotSupportedError.code,
      "This GPIO channel does not support pulsing",
      options,
    );
  }
}

/** The driver behind the channel did not do it. Only callers that wait for the end learn of it. */
export class GpioDriverOfflineError extends AppError {
  static readonly code = "GPIO_DRIVER_OFFLINE";
  constructor(driver: string, options?: ErrorOptions) {
    super(
      "unavailable",
      GpioDriverOfflineError.code,
      `GPIO driver '${driver}' is offline`,
      options,
    );
  }
}

/** An earlier operation of the channel is still going on. */
export class GpioChannelBusyError extends AppError {
  static readonly code = "GPIO_CHANNEL_BUSY";
  constructor(options?: ErrorOptions) {
    super(
      "busy",
      GpioChannelBusyError.code,
      "Performing another GPIO operation on this channel, please try again later",
      options,
    );
  }
}
