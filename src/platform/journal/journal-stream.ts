import { fstatSync } from "node:fs";

/**
 * Whether a file descriptor is the stream that systemd announced in JOURNAL_STREAM (systemd.exec(5)). The variable alone
 * proves nothing: a terminal on a desktop passes its own on to what is started there.
 */
export function isJournalStream(announced: string | undefined, fd: number): boolean {
  if (announced === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return announced === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
