/**
 * Reading and checking the texts of credentials (PiKVM API 2.4, 3.1). Deliberately different from the original: a
 * Basic password may contain colons.
 */
import { ValidationError } from "../../core/errors.ts";

/** Name of the session cookie (PiKVM). */
export const SESSION_COOKIE = "auth_token";
/** What the session cookie is called in each dialect; the same tokens in all: PiKVM, Komari, Nezha v0 and v1. */
export const SESSION_COOKIES = [
  SESSION_COOKIE,
  "session_token",
  "nezha-dashboard",
  "nz-jwt",
] as const;
export type SessionCookie = (typeof SESSION_COOKIES)[number];

const USER_PATTERN = /^[a-z_](?:[a-z0-9@._-]*[a-z0-9_-])?$/;
const MAX_USER_LENGTH = 128;
const PASSWORD_PATTERN = /^[ -~]{0,512}$/;
const TOKEN_PATTERN = /^[0-9a-f]{64}$/;

/** The user name without surrounding white space; throws `ValidationError` with PiKVM's message. */
export function parseUser(text: string): string {
  const user = text.trim();
  if (user.length > MAX_USER_LENGTH || !USER_PATTERN.test(user)) {
    const shown = user.length > MAX_USER_LENGTH ? `${user.slice(0, MAX_USER_LENGTH)}...` : user;
    throw new ValidationError(`The argument '${shown}' is not a valid username characters`);
  }
  return user;
}

/** The password as it is, blanks included; throws `ValidationError` that does not repeat it. */
export function parsePassword(text: string): string {
  if (!PASSWORD_PATTERN.test(text)) {
    throw new ValidationError("The argument is not a valid passwd characters");
  }
  return text;
}

/** A session token; throws `ValidationError` that does not repeat it. */
export function parseToken(text: string): string {
  const token = text.trim();
  if (!TOKEN_PATTERN.test(token)) {
    throw new ValidationError("The argument is not a valid auth token");
  }
  return token;
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** The value of the first cookie of that name in a `Cookie` header; undefined when there is none. */
export function readCookie(header: string, name: string): string | undefined {
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    const equals = header.indexOf("=", start);
    if (equals !== -1 && equals < end && header.slice(start, equals).trim() === name) {
      return unquote(header.slice(equals + 1, end).trim());
    }
    start = end + 1;
  }
  return undefined;
}

/** A session token after `Bearer` (Nezha v1), as the cookie that it stands for; undefined for every other header. */
export function readBearerSession(header: string): string | undefined {
  const token = /^bearer +([0-9a-f]{64})$/i.exec(header)?.[1];
  return token === undefined ? undefined : `${SESSION_COOKIE}=${token}`;
}

export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

const BASE64_PATTERN = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The encoded part of `Authorization: Basic ...`; undefined for every other scheme, which counts as no credential.
 */
export function readBasicPart(header: string): string | undefined {
  const blank = header.indexOf(" ");
  if (blank !== 5 || header.slice(0, 5).toLowerCase() !== "basic") return undefined;
  return header.slice(6).trim();
}

/** Splits at the first colon; undefined when the text is not base64 of `user:password`. */
export function decodeBasic(encoded: string): BasicCredentials | undefined {
  if (!BASE64_PATTERN.test(encoded)) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
