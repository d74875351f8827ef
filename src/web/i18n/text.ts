import { language } from "./language.ts";
import type { Language } from "./language.ts";
import { fillText } from "./fill-text.ts";
import type { TextParams } from "./fill-text.ts";

export interface TextBook<Key extends string> {
  /** The text in the chosen language; components that call it are drawn again when the language changes. */
  readonly t: (key: Key, params?: TextParams) => string;
}

/** The texts of one area. A text that is missing in a language is a type error where the book is made. */
export function createText<Key extends string>(
  books: Readonly<Record<Language, Readonly<Record<Key, string>>>>,
): TextBook<Key> {
  return {
    t: (key, params) => {
      const template = books[language.value][key];
      return params === undefined ? template : fillText(template, params);
    },
  };
}
