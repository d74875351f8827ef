// A terminal of fixed size that only knows typing: pure functions over its lines.

export const SCREEN_COLUMNS = 80;
export const SCREEN_ROWS = 25;
const TAB = 8;

export const BLANK_SCREEN: readonly string[] = [""];

function newLine(lines: readonly string[]): readonly string[] {
  return [...lines, ""].slice(-SCREEN_ROWS);
}

/** Appends a character at the cursor, which is always at the end; long lines wrap, the top scrolls away. */
export function typeChar(lines: readonly string[], char: string): readonly string[] {
  const wrapped = (lines.at(-1) ?? "").length >= SCREEN_COLUMNS ? newLine(lines) : lines;
  return [...wrapped.slice(0, -1), (wrapped.at(-1) ?? "") + char];
}

export function typeEnter(lines: readonly string[]): readonly string[] {
  return newLine(lines);
}

/** Spaces up to the next tab stop. */
export function typeTab(lines: readonly string[]): readonly string[] {
  const count = TAB - ((lines.at(-1) ?? "").length % TAB);
  return typeChar(lines, " ".repeat(count));
}

/** Removes the last character; at the beginning of a line the line break before it. */
export function typeBackspace(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1) ?? "";
  if (last !== "") return [...lines.slice(0, -1), last.slice(0, -1)];
  return lines.length > 1 ? lines.slice(0, -1) : lines;
}
