/** What becomes of a theme's `index.html` before it is sent (Komari 6.3). */
import type { SiteValues } from "../../../hub/site-settings.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}

/** The pieces that are replaced, letter by letter as themes have them. */
const PIECES = /<title>Komari Monitor<\/title>|A simple server monitor tool\.|<\/head>|<\/body>/g;

/**
 * Name, description and the admins' own pieces in their places. Deliberately different from the original: name and
 * description are text and cannot end the tag that they stand in.
 */
export function pageWithSettings(html: string, site: SiteValues): string {
  return html.replaceAll(PIECES, (piece) => {
    switch (piece) {
      case "</head>":
        return `${site.customHead}</head>`;
      case "</body>":
        return `${site.customBody}</body>`;
      case "A simple server monitor tool.":
        return escaped(site.description);
      default:
        return `<title>${escaped(site.siteName)}</title>`;
    }
  });
}

const LANGUAGE = /^[A-Za-z0-9-]{2,32}$/;
const HTML_TAG = /<html lang=(?:"en"|'en')>|<html>/;

/** The visitor's language, from the cookie that front ends keep it in. */
export function pageInLanguage(html: string, cookie: string | undefined): string {
  const language = cookie?.trim().replaceAll("_", "-") ?? "";
  return LANGUAGE.test(language) ? html.replace(HTML_TAG, `<html lang="${language}">`) : html;
}
