import { effect, signal } from "@preact/signals";
import { oneOf, storedSignal } from "./stored.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What the visitor chose; `auto` follows the system. */
export const theme = storedSignal<Theme>("theme", "auto", oneOf(THEMES));

export function chooseTheme(next: Theme): void {
  theme.value = next;
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(systemDark.matches);

/** Keeps the page in the chosen theme. Call once, before anything is drawn. */
export function startTheme(): void {
  systemDark.addEventListener("change", () => {
    isSystemDark.value = systemDark.matches;
  });
  effect(() => {
    const chosen = theme.value;
    const isDark = chosen === "auto" ? isSystemDark.value : chosen === "dark";
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  });
}
