import { language } from "./language.ts";
import type { Language } from "./language.ts";

export type TextParams = Readonly<Record<string, string | number>>;

/**
 * A text with its values. `{name}` is a value; `{count:image|images}` is the first word for one and the second for any
 * other number.
 */
export function fillText(template: string, params: TextParams): string {
  return template.replaceAll(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, other?: string) => {
      const value = params[name];
      if (value === undefined) return whole;
      if (one === undefined || other === undefined) return String(value);
      return Number(value) === 1 ? one : other;
    },
  );
}

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
