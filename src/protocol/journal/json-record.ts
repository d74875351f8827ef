/** Records as `journalctl --output=json` writes them: one object a line ("Journal JSON Format" of systemd). */
import type { JournalRecord } from "./text.ts";

const utf8 = new TextDecoder();

/** Who speaks for a unit when systemd reports about it. */
const SYSTEMD_SCOPE = "init.scope";

function isByteList(value: readonly unknown[]): value is readonly number[] {
  return value.every((item) => typeof item === "number");
}

/**
 * A field is text, a list of bytes where it is not valid text, a list of those where it occurs several times, and null
 * where it was too large.
 */
function textOf(field: unknown): string | undefined {
  if (typeof field === "string") return field;
  if (!Array.isArray(field)) return undefined;
  const items: readonly unknown[] = field;
  if (items.length > 0 && isByteList(items)) return utf8.decode(Uint8Array.from(items));
  const texts = items.map(textOf).filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join("\n");
}

/** Undefined when the line is not a record with a time and a message. */
export function parseJournalRecord(line: string): JournalRecord | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const microseconds = Number(textOf(fields.get("__REALTIME_TIMESTAMP")) ?? Number.NaN);
  const message = textOf(fields.get("MESSAGE"));
  if (!Number.isFinite(microseconds) || message === undefined) return undefined;
  const speaker = textOf(fields.get("_SYSTEMD_UNIT"));
  const subject = textOf(fields.get("UNIT"));
  const unit = speaker === undefined || speaker === SYSTEMD_SCOPE ? (subject ?? speaker) : speaker;
  return { at: Math.floor(microseconds / 1000), unit: unit ?? "unknown", message };
}
