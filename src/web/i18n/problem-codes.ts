import { enProblems } from "./en/problems.ts";
import type { ProblemCode } from "./en/problems.ts";

/** Errors of many reasons: the server's own words say which, with names and figures. */
const SAY_MORE: ReadonlySet<string> = new Set<ProblemCode>([
  "ATX_LINE_UNAVAILABLE",
  "CERTIFICATE",
  "DELIVERY_REFUSED",
  "FORBIDDEN",
  "GADGET_OFFLINE",
  "GPIO_COMMAND",
  "GPIO_DRIVER_OFFLINE",
  "GPIO_LINE",
  "HID_OFFLINE",
  "INTERNAL",
  "JOURNAL_UNREADABLE",
  "KOMARI_PROTOCOL",
  "MAIL_REFUSED",
  "MISSING_PART",
  "MSD_COMPRESSION_MISSING",
  "MSD_DISC_SIZE",
  "MSD_IMAGE_TOO_LARGE",
  "MSD_OFFLINE",
  "NETWORK",
  "NEZHA_PAIRING",
  "OCR",
  "OUTBOUND_ADDRESS",
  "PORT_OPEN",
  "REMOTE_CONNECT",
  "REMOTE_FILE",
  "REMOTE_RESPONSE",
  "REPLY_TIMEOUT",
  "SOCKET_REFUSED",
  "STORAGE",
  "TEST_MESSAGE_FAILED",
  "TLS_FILES",
  "VALIDATION",
]);

/** PiKVM's names of errors that are not made from our codes. */
const PIKVM_NAMES: ReadonlyMap<string, ProblemCode> = new Map([
  ["AtxIsBusyError", "ATX_BUSY"],
  ["ClientConnectorError", "REMOTE_CONNECT"],
  ["ClientError", "REMOTE_FILE"],
  ["ClientResponseError", "REMOTE_RESPONSE"],
  ["GpioChannelIsBusyError", "GPIO_CHANNEL_BUSY"],
  ["MsdImageExistsError", "IMAGE_EXISTS"],
  ["MsdIsBusyError", "MSD_BUSY"],
  ["MsdLockedError", "MEDIUM_LOCKED"],
  ["MsdNoSpaceError", "IMAGE_SPACE"],
  ["MsdPermissionsError", "MEDIUM_REFUSED"],
  ["MsdUnknownImageError", "IMAGE_MISSING"],
  ["UnavailableError", "STREAMER_UNAVAILABLE"],
  ["ValidatorError", "VALIDATION"],
]);

const isKnown = (code: string): code is ProblemCode => Object.hasOwn(enProblems, code);

/**
 * The code of an error that an answer names, by its code or as PiKVM does: `LinkClosedError` is `LINK_CLOSED`. Undefined
 * for one that there are no words for.
 */
export function problemCodeOf(name: string): ProblemCode | undefined {
  if (isKnown(name)) return name;
  const words = name.replace(/Error$/, "").replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2");
  const code = PIKVM_NAMES.get(name) ?? words.toUpperCase();
  return isKnown(code) ? code : undefined;
}

/** Whether the server's own words are worth reading, too. */
export const saysMore = (code: ProblemCode): boolean => SAY_MORE.has(code);
