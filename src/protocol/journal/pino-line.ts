/** Turns the program's own JSON log lines into the text of PiKVM's log (PiKVM API 4.3). */
import { formatMessage } from "./text.ts";

const ROOT_NAME = "farhand";

/** Fields that have a place of their own or say nothing to the reader. */
const SILENT_FIELDS: ReadonlySet<string> = new Set([
  "level",
  "time",
  "pid",
  "hostname",
  "name",
  "msg",
  "sub",
  "err",
]);

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function levelName(level: unknown): string {
  const number = typeof level === "number" ? level : 30;
  if (number >= 60) return "CRITICAL";
  if (number >= 50) return "ERROR";
  if (number >= 40) return "WARNING";
  return number >= 30 ? "INFO" : "DEBUG";
}

function loggerName({ name, sub }: Fields): string {
  const root = typeof name === "string" ? name : ROOT_NAME;
  return typeof sub === "string" ? `${root}.${sub}` : root;
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function errorText(error: unknown): string {
  if (typeof error === "string") return `: ${error}`;
  if (!isObject(error)) return "";
  const { type, message } = error;
  const kind = typeof type === "string" ? `${type}: ` : "";
  return typeof message === "string" ? `: ${kind}${message}` : "";
}

/**
 * The message of one log line, `farhand.hid   INFO --- chip answered; path=/dev/ttyS0`. Text that is not such a line
 * comes back unchanged.
 */
export function renderPinoLine(line: string): string {
  if (!line.startsWith("{")) return line;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return line;
  }
  if (!isObject(parsed) || typeof parsed["level"] !== "number") return line;
  const { msg, err } = parsed;
  const details = Object.entries(parsed)
    .filter(([key, value]) => !SILENT_FIELDS.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${fieldText(value)}`);
  const text = (typeof msg === "string" ? msg : "") + errorText(err);
  return formatMessage(
    loggerName(parsed),
    levelName(parsed["level"]),
    details.length === 0 ? text : `${text}; ${details.join(" ")}`,
  );
}
