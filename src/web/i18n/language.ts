import { effect } from "@preact/signals";
import { oneOf, storedSignal } from "../lib/stored.ts";

export const LANGUAGES = ["en", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each in its own words. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  "zh-CN": "简体中文",
};

function browserLanguage(): Language {
  for (const tag of navigator.languages) {
    const lower = tag.toLowerCase();
    if (lower.startsWith("zh")) return "zh-CN";
    if (lower.startsWith("en")) return "en";
  }
  return "en";
}

/** What the visitor chose, at first what the browser prefers. */
export const language = storedSignal<Language>("language", browserLanguage(), oneOf(LANGUAGES));

export function chooseLanguage(next: Language): void {
  language.value = next;
}

/** Tells screen readers how to pronounce it. */
export function startLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value;
  });
}
