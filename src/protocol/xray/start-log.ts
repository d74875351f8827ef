/** What a core says while it starts: the line that tells why it does not (PasarGuard node 3.4). */
const FATAL_WORDS = [
  "failed to start",
  "panic",
  "fatal",
  "permission denied",
  "no such file or directory",
  "cannot find",
  "failed to open",
  "failed to load",
  "failed to listen",
];
/** Clients with wrong credentials, which say nothing about the start. */
const HARMLESS_WORDS = ["invalid request user id", "rejected proxy/"];

/** Whether a line of the log says that the core cannot run. */
export function isFatalLine(line: string): boolean {
  const text = line.toLowerCase();
  if (HARMLESS_WORDS.some((word) => text.includes(word))) return false;
  return FATAL_WORDS.some((word) => text.includes(word));
}
