import { language } from "../../i18n/language.ts";

/** What the browser cannot name. */
const VARIANTS: Readonly<Record<string, string>> = {
  bepo: "Français (bépo)",
  "en-us-altgr-intl": "English (US, AltGr intl.)",
  "en-us-colemak": "English (US, Colemak)",
};
/** The layouts' names are not all names of languages. */
const TAGS: Readonly<Record<string, string>> = { cz: "cs", "fr-be": "fr-BE", no: "nb" };

/** A layout's name for people, in their language. */
export function layoutTitle(name: string): string {
  const variant = VARIANTS[name];
  if (variant !== undefined) return variant;
  try {
    const names = new Intl.DisplayNames(language.value, { type: "language" });
    return `${names.of(TAGS[name] ?? name) ?? name} (${name})`;
  } catch {
    return name;
  }
}
