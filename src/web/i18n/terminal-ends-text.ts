import { enTerminalEnds } from "./en/terminal-ends.ts";
import { problemText } from "./problems-text.ts";
import { endReason, endSentence } from "./terminal-ends.ts";
import { createText } from "./text.ts";
import { zhTerminalEnds } from "./zh-cn/terminal-ends.ts";

const endsText = createText({ en: enTerminalEnds, "zh-CN": zhTerminalEnds });
const WORDS = { end: endsText.t, problem: problemText };

/** Why a terminal has ended, in a few words. */
export const terminalEndText = (code: string): string => endReason(code, WORDS);

/** That a terminal has ended, and why; `code` may be empty. */
export const terminalEndedText = (code: string): string => endSentence(code, WORDS);
