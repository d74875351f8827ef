import { language } from "./language.ts";
import type { Language } from "./language.ts";
import { translated } from "./server-words.ts";
import type { ServerWords } from "./server-words.ts";
import { zhServerWords } from "./zh-cn/server-words.ts";

/** English is what the server says. */
const BOOKS: Readonly<Record<Language, ServerWords | undefined>> = {
  en: undefined,
  "zh-CN": zhServerWords,
};

/** What the server says of other servers, in the visitor's language where the page knows the sentence. */
export function serverWordsText(text: string): string {
  const words = BOOKS[language.value];
  return words === undefined ? text : translated(words, text);
}
