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

function iconOf(hue: number): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="hsl(${hue} 62% 46%)"/>` +
    '<path d="M4 5h8v5H4zM6 12h4" fill="none" stroke="#fff" stroke-width="1.5" stroke-linejoin="round"/></svg>';
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Which one is this? Shows a machine's name and color in the tab and on the page. `sign` comes before the name. */
export function showIdentity(name: string, page: string, sign = ""): void {
  document.title = `${sign}${name === "" ? "Farhand" : name} · ${page}`;
  const hue = hueOf(name);
  document.documentElement.style.setProperty("--hue", String(hue));
  const href = iconOf(hue);
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link !== null && link.href !== href) link.href = href;
}
