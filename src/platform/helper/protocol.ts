// What the daemon and its privileged helper say to each other: one JSON object a line, a reply for each request, in
// order. The vocabulary is closed: nothing in it names a file of the kernel, a program or a device.
import Type from "typebox";
import { Check } from "typebox/value";
import { AppError, ValidationError } from "../../core/errors.ts";
import {
  GadgetOfflineError,
  HID_ROLES,
  MediumLockedError,
  MediumRefusedError,
} from "../gadget/port.ts";

/** Longest line of either side. */
export const LINE_LIMIT = 16 * 1024;

const closed = { additionalProperties: false } as const;
const UsbNumber = Type.Integer({ minimum: 0, maximum: 0xff_ff });
const UsbText = Type.String({ maxLength: 126, pattern: "^[ -~]*$" });

const Description = Type.Object(
  {
    identity: Type.Object(
      {
        vendorId: UsbNumber,
        productId: UsbNumber,
        manufacturer: UsbText,
        product: UsbText,
        serial: UsbText,
      },
      closed,
    ),
    maxPower: Type.Integer({ minimum: 2, maximum: 500 }),
    hid: Type.Array(Type.Enum(HID_ROLES), { maxItems: HID_ROLES.length, uniqueItems: true }),
    horizontalWheel: Type.Boolean(),
    massStorage: Type.Boolean(),
    endpoints: Type.Integer({ minimum: 1, maximum: 30 }),
  },
  closed,
);

const RequestSchema = Type.Union([
  Type.Object(
    {
      do: Type.Literal("apply"),
      description: Description,
      /** A name in /sys/class/udc; not a path. */
      udc: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$" }),
    },
    closed,
  ),
  Type.Object(
    {
      do: Type.Literal("insert"),
      medium: Type.Object(
        {
          path: Type.String({ minLength: 2, maxLength: 4096, pattern: "^/[^\\x00\\n]*$" }),
          cdrom: Type.Boolean(),
          rw: Type.Boolean(),
        },
        closed,
      ),
    },
    closed,
  ),
  Type.Object({ do: Type.Literal("eject") }, closed),
]);
export type HelperRequest = Type.Static<typeof RequestSchema>;

const ReplySchema = Type.Union([
  Type.Object({ ok: Type.Literal(true) }),
  Type.Object({ ok: Type.Literal(false), code: Type.String(), message: Type.String() }),
]);
export type HelperReply = Type.Static<typeof ReplySchema>;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ValidationError("The line is no JSON", { cause });
  }
}

/** Throws `ValidationError` for everything that is not exactly a request. */
export function parseRequest(line: string): HelperRequest {
  const value = parsed(line);
  if (!Check(RequestSchema, value)) throw new ValidationError("This is not a request");
  return value;
}

/** Throws `ValidationError`. */
export function parseReply(line: string): HelperReply {
  const value = parsed(line);
  if (!Check(ReplySchema, value)) throw new ValidationError("This is not a reply");
  return value;
}

export function replyOf(error: unknown): HelperReply {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, code: error instanceof AppError ? error.code : "INTERNAL", message };
}

/** The failure on the other side, as what it is on this one. */
export function errorOf({ code, message }: { code: string; message: string }): AppError {
  switch (code) {
    case MediumLockedError.code:
      return new MediumLockedError(message);
    case MediumRefusedError.code:
      return new MediumRefusedError(message);
    default:
      return new GadgetOfflineError(message);
  }
}

/** Cuts a stream of text into lines. Throws `ValidationError` for one that is too long. */
export class LineSplitter {
  #rest = "";

  push(text: string): readonly string[] {
    const lines = `${this.#rest}${text}`.split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LINE_LIMIT || lines.some((line) => line.length > LINE_LIMIT)) {
      throw new ValidationError("The line is too long");
    }
    return lines;
  }
}
