import { enProblems } from "./en/problems.ts";
import { problemCodeOf } from "./problem-codes.ts";
import { createText } from "./text.ts";
import { zhProblems } from "./zh-cn/problems.ts";

/** What has gone wrong. */
export const problemsText = createText({ en: enProblems, "zh-CN": zhProblems });

/** What an error means, in a sentence; undefined for one that the page does not know. */
export function problemText(name: string): string | undefined {
  const code = problemCodeOf(name);
  return code === undefined ? undefined : problemsText.t(code);
}
