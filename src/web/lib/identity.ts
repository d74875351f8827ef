/** Easy to tell apart, and none that looks like an alarm. */
const HUES = [215, 160, 265, 185, 35, 300, 95, 235, 200, 140, 320, 60];

/** A hue for a name: the same machine has the same color everywhere. */
export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 16_777_619);
  }
  return HUES[(hash >>> 0) % HUES.length] ?? 215;
}

/** Instead of a color: one made from the name. */
export const AUTO_COLOR = "auto";

function colorOf(name: string, color: string): string {
  return color === AUTO_COLOR ? `hsl(${hueOf(name)} 62% 46%)` : color;
}

function iconOf(color: string): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="${color}"/>` +
    '<path d="M4 5h8v5H4zM6 12h4" fill="none" stroke="#fff" stroke-width="1.5" stroke-linejoin="round"/></svg>';
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/**
 * Which one is this? Shows a machine's name and color in the tab and on the page. `sign` comes before the name; `color`
 * is its owner's choice, or `auto`.
 */
export function showIdentity(name: string, page: string, sign = "", color = AUTO_COLOR): void {
  document.title = `${sign}${name === "" ? "Farhand" : name} · ${page}`;
  const own = colorOf(name, color);
  document.documentElement.style.setProperty("--own", own);
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", own);
  const href = iconOf(own);
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link !== null && link.href !== href) link.href = href;
}
