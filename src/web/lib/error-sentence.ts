import type { TextParams } from "../i18n/fill-text.ts";
import type { CommonKey } from "../i18n/en/common.ts";
import type { ProblemCode } from "../i18n/en/problems.ts";
import { problemCodeOf, saysMore } from "../i18n/problem-codes.ts";

const SENTENCES: Readonly<Record<number, CommonKey>> = {
  0: "error.offline",
  401: "error.signedOut",
  403: "error.forbidden",
  404: "error.missing",
  409: "error.busy",
  413: "error.tooLarge",
  429: "error.tooOften",
  502: "error.unavailable",
  503: "error.unavailable",
  504: "error.unavailable",
};
/** These say it all, unless the code says more. */
const COMPLETE = new Set([0, 401, 413, 429]);

export interface ErrorWords {
  readonly common: (key: CommonKey, params?: TextParams) => string;
  readonly problem: (code: ProblemCode) => string;
  /** What the server says, where the language has words for it. */
  readonly said: (detail: string) => string;
}

/** What a failed answer says. */
export interface FailedAnswer {
  /** 0: there was no answer at all. */
  readonly status: number;
  /** The class or code that the server names; empty when it names none. */
  readonly code: string;
  /** In the server's words. */
  readonly detail: string;
}

/** What an error means, by its code; in the server's words where the page has none, and with them where they say more. */
export function failureSentence(
  code: string,
  detail: string,
  { common, problem, said }: ErrorWords,
): string {
  const known = problemCodeOf(code);
  if (known === undefined) return said(detail);
  const isEnough = detail === "" || !saysMore(known) || detail.toUpperCase() === known;
  const sentence = problem(known);
  return isEnough ? sentence : `${sentence} ${common("error.said", { detail: said(detail) })}`;
}

/** What has gone wrong: by the code where the page knows it. What the server says is added where it may say more. */
export function errorSentence({ status, code, detail }: FailedAnswer, words: ErrorWords): string {
  const general = words.common(
    SENTENCES[status] ?? (status < 500 ? "error.refused" : "error.failed"),
  );
  if (problemCodeOf(code) !== undefined) return failureSentence(code, detail, words);
  if (detail === "" || COMPLETE.has(status)) return general;
  return `${general} ${words.common("error.said", { detail: words.said(detail) })}`;
}
