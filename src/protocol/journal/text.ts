/** The text that PiKVM's log endpoint shows (PiKVM API 4.3). */

/** One record, whoever stored it. */
export interface JournalRecord {
  /** Epoch milliseconds. */
  readonly at: number;
  /** systemd unit with its suffix. */
  readonly unit: string;
  readonly message: string;
}

const NAME_WIDTH = 30;
const LEVEL_WIDTH = 7;

// Escape sequences that set colors, and any other character that a terminal would act upon. C1 controls included.
const COLOR_SEQUENCE = /[^\P{Cc}\t\r\n]\[[0-9;]*m/gu;
const CONTROL = /[^\P{Cc}\t\n]/gu;

/** `<logger name> <LEVEL> --- <text>` in columns. */
export function formatMessage(name: string, level: string, text: string): string {
  return `${name.padEnd(NAME_WIDTH)} ${level.padStart(LEVEL_WIDTH)} --- ${text}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** `YYYY-MM-DD HH:MM:SS` in local time. */
export function formatLocalTime(at: number): string {
  const time = new Date(at);
  const date = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits);
  return `${date.join("-")} ${clock.join(":")}`;
}

/**
 * One record as it goes to the client. Further lines of a message are indented, so that text from outside cannot pass
 * for a record of its own, and nothing in it acts upon a terminal.
 */
export function formatRecord({ at, unit, message }: JournalRecord): string {
  const text = message
    .trimEnd()
    .replaceAll(COLOR_SEQUENCE, "")
    .replaceAll(/\r?\n/g, "\n\t")
    .replaceAll(CONTROL, "\uFFFD")
    .replaceAll("\n", "\r\n");
  return `[${formatLocalTime(at)} ${unit}] --- ${text}\r\n`;
}
