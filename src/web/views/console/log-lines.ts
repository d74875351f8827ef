/** The newest lines of a text that goes on. */
export const MOST_LINES = 4000;

export interface LogLine {
  readonly id: number;
  readonly text: string;
  readonly tone: "bad" | "warn" | undefined;
}

function toneOf(text: string): LogLine["tone"] {
  if (/\b(ERROR|FATAL|CRIT|Error|error)\b/.test(text)) return "bad";
  return /\b(WARN|WARNING|Warning|warning)\b/.test(text) ? "warn" : undefined;
}

/** Cuts a stream of text into lines; of very many only the newest are kept. */
export class LogLines {
  #lines: readonly LogLine[] = [];
  #rest = "";
  #lastId = 0;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  add(piece: string): void {
    const texts = (this.#rest + piece).split("\n");
    this.#rest = texts.pop() ?? "";
    const added = texts.map((text): LogLine => {
      this.#lastId += 1;
      return { id: this.#lastId, text, tone: toneOf(text) };
    });
    if (added.length > 0) this.#lines = [...this.#lines, ...added].slice(-MOST_LINES);
  }
}

/** Those that have all words of the filter in them, whatever their case. */
export function filterLines(lines: readonly LogLine[], filter: string): readonly LogLine[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return lines;
  return lines.filter(({ text }) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
}
