const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What a peer sent, safe to show: one line without control and direction characters, of at most so many characters. */
export function cleanLine(text: string, limit: number): string {
  return text
    .slice(0, limit * 4)
    .replaceAll(UNSEEN, " ")
    .trim()
    .slice(0, limit);
}
