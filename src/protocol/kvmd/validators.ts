/**
 * Checks of single request values, as the PiKVM API 2.4 lists them: each takes the raw text of a parameter
 * (undefined when it is missing) and returns the value or throws `KvmdValidatorError`. Rules and message shapes are
 * pinned by PiKVM API 13.5 and by recorded answers; media and multiport rules stand in `validators-media.ts`.
 */
import { AppError } from "../../core/errors.ts";

/** A parameter as it arrived; undefined when the client did not send it. */
export type Raw = string | undefined;
export type Validator<T> = (raw: Raw) => T;

/** A parameter is missing or malformed: 400 with class `ValidatorError` (PiKVM API 2.2). */
export class KvmdValidatorError extends AppError {
  static readonly code = "VALIDATOR";
  constructor(message: string, options?: ErrorOptions) {
    super("invalid", KvmdValidatorError.code, message, options);
  }
}

/** The error for a value that is not `thing`; says "None" when it is missing. */
export function notValid(raw: Raw, thing: string): KvmdValidatorError {
  const subject = raw === undefined ? "None argument" : `The argument '${raw}'`;
  return new KvmdValidatorError(`${subject} is not a valid ${thing}`);
}

/** The text without surrounding white space; a missing value is an error, an empty one is not. */
export function stripped(raw: Raw, thing: string): string {
  if (raw === undefined) throw notValid(raw, thing);
  return raw.trim();
}

/** As `stripped`, with a bound on the text as it arrived. */
function bounded(raw: Raw, thing: string, limit: number): string {
  const text = stripped(raw, thing);
  if (text.length > limit) {
    throw new KvmdValidatorError(
      `The argument '${text.slice(0, limit)}...' is not a valid ${thing}: RAW limit exceed`,
    );
  }
  return text;
}

/** The validated value, or `fallback` when the parameter is missing. */
export function optional<T, F>(raw: Raw, validator: Validator<T>, fallback: F): T | F {
  return raw === undefined ? fallback : validator(raw);
}

const BOOL_THING = "bool (['1', 'true', 'yes'] or ['0', 'false', 'no'])";

export function validateBool(raw: Raw): boolean {
  switch (bounded(raw, BOOL_THING, 16).toLowerCase()) {
    case "1":
    case "true":
    case "yes":
      return true;
    case "0":
    case "false":
    case "no":
      return false;
    default:
      throw notValid(raw?.trim(), BOOL_THING);
  }
}

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** What the value is called in messages; "int" or "float" by default. */
  readonly name?: string;
}

function checkRange(value: number, shown: string, rule: NumberRule, name: string): number {
  if (rule.min !== undefined && value < rule.min) {
    throw new KvmdValidatorError(
      `The argument '${shown}' must be ${name} and greater or equial than ${rule.min}`,
    );
  }
  if (rule.max !== undefined && value > rule.max) {
    throw new KvmdValidatorError(
      `The argument '${shown}' must be ${name} and lesser or equal then ${rule.max}`,
    );
  }
  return value;
}

const INT_PATTERN = /^[+-]?(?:\d+|0x[0-9a-f]+)$/i;

function parseInteger(text: string, name: string): number {
  if (!INT_PATTERN.test(text)) throw notValid(text, name);
  const isNegative = text.startsWith("-");
  const digits = isNegative || text.startsWith("+") ? text.slice(1) : text;
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw notValid(text, name);
  return isNegative && value !== 0 ? -value : value;
}

/** Decimal or `0x` hexadecimal, with a sign. */
export function validateInt(raw: Raw, rule: NumberRule = {}): number {
  const name = rule.name ?? "int";
  const value = parseInteger(bounded(raw, name, 16), name);
  return checkRange(value, String(value), rule, name);
}

const FLOAT_PATTERN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A finite decimal number. */
export function validateFloat(raw: Raw, rule: NumberRule = {}): number {
  const name = rule.name ?? "float";
  const text = bounded(raw, name, 64);
  const value = FLOAT_PATTERN.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw notValid(text, name);
  return checkRange(value, Number.isInteger(value) ? `${value}.0` : String(value), rule, name);
}

/** Items as the original's messages show them. */
function showList(items: readonly string[]): string {
  const shown = items.map((item) => {
    const quote = item.includes("'") && !item.includes('"') ? '"' : "'";
    const body = item.replaceAll("\\", "\\\\");
    return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
  });
  return `[${shown.join(", ")}]`;
}

const LIST_SEPARATORS = /[,\s]+/;

/** Items between commas and white space; empty ones are dropped. */
export function validateStringList(raw: Raw): string[] {
  return stripped(raw, "string list")
    .split(LIST_SEPARATORS)
    .filter((item) => item !== "");
}

/** A string list with each item put through `item`; one message for whichever item fails. */
export function validateListOf<T>(raw: Raw, item: Validator<T>): T[] {
  const items = validateStringList(raw);
  try {
    return items.map((text) => item(text));
  } catch (error) {
    if (!(error instanceof KvmdValidatorError)) throw error;
    throw new KvmdValidatorError(`Failed sub-validator on one of the item of ${showList(items)}`, {
      cause: error,
    });
  }
}

/** One of `words`, compared in lower case. */
export function validateWord<const T extends string>(
  raw: Raw,
  words: readonly T[],
  thing: string,
): T {
  const text = stripped(raw, thing);
  const wanted = text.toLowerCase();
  const found = words.find((word) => word === wanted);
  if (found === undefined) throw notValid(text, thing);
  return found;
}

/** Text of at most `limit` characters that fits `pattern`. */
function matching(raw: Raw, pattern: RegExp, thing: string, limit: number): string {
  const text = stripped(raw, thing);
  if (text.length > limit || !pattern.test(text)) {
    throw notValid(text.length > limit ? `${text.slice(0, limit)}...` : text, thing);
  }
  return text;
}

// Accounts (PiKVM API 3)

const USER_PATTERN = /^[a-z_](?:[a-z0-9@._-]*[a-z0-9_-])?$/;

export function validateUser(raw: Raw): string {
  return matching(raw, USER_PATTERN, "username characters", 128);
}

const PASSWORD_PATTERN = /^[\u0020-\u007E]{0,512}$/;

/** Never stripped, may be empty; the message does not repeat it. */
export function validatePassword(raw: Raw): string {
  if (raw === undefined || !PASSWORD_PATTERN.test(raw)) {
    throw new KvmdValidatorError("The argument is not a valid passwd characters");
  }
  return raw;
}

/** Requested session life in seconds, 0 for as long as the server allows. */
export function validateExpire(raw: Raw): number {
  return validateInt(raw, { min: 0, name: "expiration time" });
}

const TOKEN_PATTERN = /^[0-9a-f]{64}$/;

/** A session token; the message does not repeat it. */
export function validateToken(raw: Raw): string {
  const token = raw?.trim() ?? "";
  if (!TOKEN_PATTERN.test(token)) {
    throw new KvmdValidatorError("The argument is not a valid auth token");
  }
  return token;
}

/** Where a login form may send the browser: empty, or exactly one of `allowed`. */
export function validateRedirect(raw: Raw, allowed: readonly string[]): string {
  const target = stripped(raw, "login redirect");
  if (target !== "" && !allowed.includes(target)) throw notValid(target, "login redirect");
  return target;
}

// Log, info

export function validateLogSeek(raw: Raw): number {
  return validateInt(raw, { min: 0, name: "log seek" });
}

/** Names of info parts, each one of `known`. */
export function validateInfoFields<const T extends string>(raw: Raw, known: readonly T[]): T[] {
  return validateListOf(raw, (item) => validateWord(item, known, "info field"));
}

// ATX

export const ATX_ACTIONS = ["on", "off", "off_hard", "reset_hard"] as const;
export type AtxAction = (typeof ATX_ACTIONS)[number];

export function validateAtxAction(raw: Raw): AtxAction {
  return validateWord(raw, ATX_ACTIONS, "ATX power action");
}

export const ATX_BUTTONS = ["power", "power_long", "reset"] as const;
export type AtxButton = (typeof ATX_BUTTONS)[number];

export function validateAtxButton(raw: Raw): AtxButton {
  return validateWord(raw, ATX_BUTTONS, "ATX button");
}

// GPIO

const CHANNEL_PATTERN = /^[a-zA-Z_][a-zA-Z0-9_.-]*$/;

export function validateGpioChannel(raw: Raw): string {
  return matching(raw, CHANNEL_PATTERN, "GPIO channel", 255);
}

/** Pulse length in seconds, 0 for the channel's default. */
export function validateGpioDelay(raw: Raw): number {
  return validateFloat(raw, { min: 0 });
}

// HID

/** A key name that `isKnown` accepts; compared exactly. */
export function validateHidKey(raw: Raw, isKnown: (name: string) => boolean): string {
  const name = stripped(raw, "Keyboard key");
  if (!isKnown(name)) throw notValid(name, "Keyboard key");
  return name;
}

/** Key names of a shortcut, in the order they are pressed. */
export function validateHidShortcut(raw: Raw, isKnown: (name: string) => boolean): string[] {
  return validateListOf(raw, (item) => validateHidKey(item, isKnown));
}

function clampedInt(raw: Raw, min: number, max: number, thing: string): number {
  const value = parseInteger(bounded(raw, thing, 8), thing);
  return Math.min(max, Math.max(min, value));
}

/** A coordinate, clamped to -32768..32767. */
export function validateMouseMove(raw: Raw): number {
  return clampedInt(raw, -32_768, 32_767, "Mouse move");
}

/** A relative motion or wheel step, clamped to -127..127. */
export function validateMouseDelta(raw: Raw): number {
  return clampedInt(raw, -127, 127, "Mouse delta");
}

export const MOUSE_BUTTONS = ["left", "right", "middle", "up", "down"] as const;
export type MouseButton = (typeof MOUSE_BUTTONS)[number];

export function validateMouseButton(raw: Raw): MouseButton {
  return validateWord(raw, MOUSE_BUTTONS, "Mouse button");
}

export const KEYBOARD_OUTPUTS = ["usb", "ps2", "disabled"] as const;
export type KeyboardOutput = (typeof KEYBOARD_OUTPUTS)[number];

export function validateKeyboardOutput(raw: Raw): KeyboardOutput {
  return validateWord(raw, KEYBOARD_OUTPUTS, "Keyboard output");
}

export const MOUSE_OUTPUTS = ["usb", "usb_win98", "usb_rel", "ps2", "disabled"] as const;
export type MouseOutput = (typeof MOUSE_OUTPUTS)[number];

export function validateMouseOutput(raw: Raw): MouseOutput {
  return validateWord(raw, MOUSE_OUTPUTS, "Mouse output");
}

/** A layout name that `isKnown` accepts; compared exactly. */
export function validateKeymap(raw: Raw, isKnown: (name: string) => boolean): string {
  const name = stripped(raw, "keymap");
  if (!isKnown(name)) throw notValid(name, "keymap");
  return name;
}

/** Pause before each printed key event, in seconds. */
export function validateKeysDelay(raw: Raw): number {
  return validateFloat(raw, { min: 0, max: 5, name: "keys delay" });
}
