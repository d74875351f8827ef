import type { TextParams } from "./fill-text.ts";
import { enTerminalEnds } from "./en/terminal-ends.ts";
import type { TerminalEndsKey } from "./en/terminal-ends.ts";

export interface EndWords {
  readonly end: (key: TerminalEndsKey, params?: TextParams) => string;
  /** What an error means; undefined for one that is not known. */
  readonly problem: (code: string) => string | undefined;
}

const isKnown = (code: string): code is TerminalEndsKey => Object.hasOwn(enTerminalEnds, code);

/** Why a terminal has ended, in a few words; a code of a newer server stays as it is. */
export const endReason = (code: string, { end }: Pick<EndWords, "end">): string =>
  isKnown(code) ? end(code) : code;

/** That a terminal has ended, and why, or that there is none: `code` is that of an end, of an error, or empty. */
export function endSentence(code: string, words: EndWords): string {
  if (code === "") return words.end("ended");
  const problem = words.problem(code);
  if (problem !== undefined) return words.end("refused", { problem });
  return words.end("endedWhy", { reason: endReason(code, words) });
}
