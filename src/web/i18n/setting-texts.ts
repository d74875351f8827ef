import { effect, signal } from "@preact/signals";
import { language } from "./language.ts";
import type { Language } from "./language.ts";

/** By the path of a setting; `*` stands for any item of a list and any name of a mapping. */
export type SettingTexts = Readonly<Record<string, string>>;

/** English is what the server says. The others are large: each is loaded when it is spoken. */
const LOADERS: Readonly<Record<Language, (() => Promise<SettingTexts>) | undefined>> = {
  en: undefined,
  "zh-CN": async () => (await import("./zh-cn/setting-texts.ts")).zhSettingTexts,
};

const loaded = signal<ReadonlyMap<Language, SettingTexts>>(new Map());

effect(() => {
  const spoken = language.value;
  if (loaded.peek().has(spoken)) return;
  LOADERS[spoken]?.().then(
    (texts) => {
      loaded.value = new Map([...loaded.peek(), [spoken, texts]]);
    },
    // The page works in English, too.
    () => undefined,
  );
});

/** What is said about a setting, or a part of one, in the chosen language. */
export function settingText(path: string, english: string): string {
  return loaded.value.get(language.value)?.[path] ?? english;
}
