// `POST /api/v1/server/register` of dashboards v0.20.12 and later (Nezha facts 2.5): a panel token makes a server and
// gets its secret. Refusals are HTTP 200 with a code inside, so the body decides, never the status alone.
import { NezhaFormatError } from "./format-error.ts";

export const REGISTER_PATH = "/api/v1/server/register";

/** 18 letters and digits. */
const SECRET = /^[0-9a-zA-Z]{8,64}$/;

export interface NezhaRegistration {
  readonly name: string;
  /** Group of the server on the dashboard; empty: the dashboard's own default. */
  readonly tag: string;
  readonly note: string;
  readonly hideForGuest: boolean;
}

export function registrationBody({ name, tag, note, hideForGuest }: NezhaRegistration): string {
  return JSON.stringify({
    Name: name,
    Tag: tag,
    Note: note,
    HideForGuest: hideForGuest ? "on" : "",
  });
}

export type RegistrationAnswer =
  | { readonly ok: true; readonly secret: string }
  | { readonly ok: false; readonly reason: string };

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new NezhaFormatError("The dashboard's answer is not JSON", { cause: error });
  }
}

/** Understands the full and the `simple` form. Throws `NezhaFormatError` for a body that is neither. */
export function parseRegistration(body: string): RegistrationAnswer {
  const parsed = parseJson(body);
  if (typeof parsed === "string" && SECRET.test(parsed)) return { ok: true, secret: parsed };
  const members = new Map<string, unknown>(
    typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [],
  );
  const secret = members.get("secret");
  if (typeof secret === "string" && SECRET.test(secret)) return { ok: true, secret };
  const reason = members.get("message") ?? members.get("error");
  if (typeof reason === "string" && reason !== "") return { ok: false, reason };
  throw new NezhaFormatError("The dashboard's answer holds neither a secret nor a reason");
}
