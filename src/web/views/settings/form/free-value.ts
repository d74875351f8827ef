/** A scalar as people write it in the file: 12, true and null are what they look like, everything else is a text. */
export function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

/** The scalar as it is shown; a text that looks like something else keeps its quotation marks. */
export function textOfScalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return typeof scalarOf(value) === "string" && !/^".*"$/s.test(value)
    ? value
    : JSON.stringify(value);
}

/** The other way round; the text between quotation marks is a text, whatever it looks like. */
export function valueOfText(text: string): unknown {
  if (!/^".*"$/s.test(text)) return scalarOf(text);
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return text;
  }
}
