/**
 * Errors and misses of the PiKVM dialect (PiKVM API 1.3, 2.2). Class names on the wire come from the table below or
 * from the error's code, never from a JavaScript class name, which a bundler may change. Deliberately different from
 * the original: failures that nobody expects are an envelope too.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../core/errors.ts";
import type { ErrorKind } from "../../core/errors.ts";
import { allowedMethods, trackRoutes } from "../../http/route-table.ts";
import type { RouteTable } from "../../http/route-table.ts";
import { fail, JSON_TYPE, TEXT_TYPE } from "../../protocol/kvmd/envelope.ts";

interface WireError {
  readonly status: number;
  /** PiKVM's class name. */
  readonly error: string;
  /** Replaces the error's own message. */
  readonly message?: string;
}

/** How PiKVM spells the errors that its clients know. */
const BY_CODE: ReadonlyMap<string, WireError> = new Map(
  Object.entries<WireError>({
    VALIDATOR: { status: 400, error: "ValidatorError" },
    VALIDATION: { status: 400, error: "ValidatorError" },
    UNAUTHORIZED: { status: 401, error: "UnauthorizedError", message: "Unauthorized" },
    FORBIDDEN: { status: 403, error: "ForbiddenError", message: "Forbidden" },
    FIRST_PASSWORD: { status: 403, error: "ForbiddenError" },
    ATX_BUSY: { status: 409, error: "AtxIsBusyError" },
    ATX_DISABLED: { status: 400, error: "AtxDisabledError" },
    GPIO_CHANNEL_NOT_FOUND: { status: 400, error: "GpioChannelNotFoundError" },
    GPIO_SWITCH_NOT_SUPPORTED: { status: 400, error: "GpioSwitchNotSupported" },
    GPIO_PULSE_NOT_SUPPORTED: { status: 400, error: "GpioPulseNotSupported" },
    GPIO_DRIVER_OFFLINE: { status: 400, error: "GpioDriverOfflineError" },
    GPIO_CHANNEL_BUSY: { status: 409, error: "GpioChannelIsBusyError" },
    LOG_READER_DISABLED: { status: 400, error: "LogReaderDisabledError" },
    MSD_DISABLED: { status: 400, error: "MsdDisabledError" },
    MSD_OFFLINE: { status: 400, error: "MsdOfflineError" },
    GADGET_OFFLINE: { status: 400, error: "MsdOfflineError" },
    MSD_CONNECTED: { status: 400, error: "MsdConnectedError" },
    MSD_DISCONNECTED: { status: 400, error: "MsdDisconnectedError" },
    MSD_IMAGE_NOT_SELECTED: { status: 400, error: "MsdImageNotSelected" },
    MSD_IMAGE_INCOMPLETE: { status: 400, error: "MsdImageIncompleteError" },
    MSD_IMAGE_STATIC: { status: 400, error: "MsdImageStaticError" },
    MSD_BUSY: { status: 409, error: "MsdIsBusyError" },
    MSD_DISC_SIZE: { status: 400, error: "MsdDiscSizeError" },
    MSD_IMAGE_TOO_LARGE: { status: 400, error: "MsdImageTooLargeError" },
    MSD_REMOTE_DISABLED: { status: 400, error: "MsdRemoteDisabledError" },
    IMAGE_MISSING: {
      status: 400,
      error: "MsdUnknownImageError",
      message: "The image is not found in the storage",
    },
    IMAGE_EXISTS: {
      status: 400,
      error: "MsdImageExistsError",
      message: "This image is already exists",
    },
    IMAGE_SPACE: { status: 400, error: "MsdNoSpaceError" },
    MEDIUM_LOCKED: {
      status: 400,
      error: "MsdLockedError",
      message: "MSD is locked on IO operation",
    },
    MEDIUM_REFUSED: {
      status: 400,
      error: "MsdPermissionsError",
      message: "MSD can't insert the image due to file permissions",
    },
    REMOTE_ADDRESS: { status: 400, error: "RemoteAddressError" },
    REMOTE_CONNECT: { status: 400, error: "ClientConnectorError" },
    REMOTE_FILE: { status: 400, error: "ClientError" },
    REMOTE_RESPONSE: { status: 400, error: "ClientResponseError" },
    SWITCH_UNKNOWN_EDID: { status: 400, error: "SwitchUnknownEdidError" },
    STREAMER_QUALITY_NOT_SUPPORTED: { status: 400, error: "StreamerQualityNotSupported" },
    STREAMER_RESOLUTION_NOT_SUPPORTED: { status: 400, error: "StreamerResolutionNotSupported" },
    STREAMER_H264_NOT_SUPPORTED: { status: 400, error: "StreamerH264NotSupported" },
    STREAMER_UNAVAILABLE: {
      status: 503,
      error: "UnavailableError",
      message: "Service Unavailable",
    },
    VIDEO_UNAVAILABLE: { status: 503, error: "UnavailableError", message: "Service Unavailable" },
    UNAVAILABLE: { status: 503, error: "UnavailableError", message: "Service Unavailable" },
  }),
);

/** Answers that clients poll for: no picture is a state of the computer, not a failure of this device. */
const QUIET: ReadonlySet<string> = new Set(["STREAMER_UNAVAILABLE"]);

/** PiKVM's clients know no 429: a braked login looks like a refused one. */
const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  busy: 409,
  tooLarge: 413,
  rateLimited: 403,
  unsupported: 400,
  unavailable: 503,
  timeout: 504,
  cancelled: 503,
  internal: 500,
};

/** Status, class name and message of an expected error; undefined for kind `internal`. */
export function wireErrorOf(error: AppError): Required<WireError> | undefined {
  const known = BY_CODE.get(error.code);
  if (known !== undefined) return { message: error.message, ...known };
  if (error.kind === "internal") return undefined;
  const name = error.kind === "rateLimited" ? "ForbiddenError" : error.name;
  return { status: STATUS_BY_KIND[error.kind], error: name, message: error.message };
}

function sendFailure(reply: FastifyReply, failure: Required<WireError>): void {
  void reply.code(failure.status).type(JSON_TYPE).send(fail(failure.error, failure.message));
}

function sendText(reply: FastifyReply, status: number, reason: string): void {
  void reply.code(status).type(TEXT_TYPE).send(`${status}: ${reason}`);
}

/** The status that Fastify gives to a request it refuses by itself; undefined for all other errors. */
function refusalStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const status = error.statusCode;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function sendRefusal(reply: FastifyReply, status: number, error: Error): void {
  if (status === 413) return sendText(reply, 413, "Request Entity Too Large");
  const name = status === 400 ? "ValidatorError" : "HttpError";
  return sendFailure(reply, { status, error: name, message: error.message });
}

function isQuiet(error: unknown): boolean {
  return error instanceof AppError && (error.kind === "cancelled" || QUIET.has(error.code));
}

/** The dialect's error handler: one answer and at most one log record for each failed request. */
export function handleKvmdError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const wire = error instanceof AppError ? wireErrorOf(error) : undefined;
  if (wire !== undefined) {
    if (wire.status < 500 || isQuiet(error)) {
      request.log.debug({ err: error }, "Request refused");
    } else {
      request.log.warn({ err: error }, "Request could not be served");
    }
    return sendFailure(reply, wire);
  }
  const refusal = refusalStatusOf(error);
  if (refusal !== undefined && error instanceof Error) {
    request.log.debug({ err: error }, "Request refused");
    return sendRefusal(reply, refusal, error);
  }
  request.log.error({ err: error }, "Request failed unexpectedly");
  const message = `Internal error, request ${request.id}`;
  return sendFailure(reply, { status: 500, error: "InternalServerError", message });
}

function answerMiss(routes: RouteTable, request: FastifyRequest, reply: FastifyReply): void {
  const methods = allowedMethods(routes, request.url);
  if (methods.length === 0 || methods.includes(request.method)) {
    return sendText(reply, 404, "Not Found");
  }
  void reply.header("Allow", methods.join(","));
  return sendText(reply, 405, "Method Not Allowed");
}

/** Makes failures and misses in the scope of `app` answer as PiKVM does. Call it before the routes are declared. */
export function installKvmdErrors(app: FastifyInstance): void {
  const routes = trackRoutes(app);
  app.setErrorHandler(handleKvmdError);
  app.setNotFoundHandler((request, reply) => answerMiss(routes, request, reply));
}
