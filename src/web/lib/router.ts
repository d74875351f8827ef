import { signal } from "@preact/signals";

/** The path of the page that is shown, without a slash at the end. */
export const path = signal(cleanPath(location.pathname));

function cleanPath(text: string): string {
  return text.length > 1 ? text.replace(/\/+$/, "") : text;
}

let wasBack = false;

/** Whether the page was reached by the browser's own buttons, as one that was seen before. */
export const cameBack = (): boolean => wasBack;

addEventListener("popstate", () => {
  wasBack = true;
  path.value = cleanPath(location.pathname);
});

/** Goes to another page of the same document. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  wasBack = false;
  path.value = cleanPath(location.pathname);
}

/** The segments below a page: `/console/settings/users` below `/console` are `settings` and `users`. */
export function segmentsBelow(base: string, current = path.value): readonly string[] {
  if (current !== base && !current.startsWith(`${base}/`)) return [];
  return current
    .slice(base.length)
    .split("/")
    .filter((part) => part !== "");
}

/** Whether a path belongs to the document that is open: its first segment is the same. */
export function isSamePage(to: string): boolean {
  return to.split("/")[1] === location.pathname.split("/")[1];
}

/** For the click handler of a link: stays in the document unless the visitor wants a tab of its own. */
export function followLink(event: MouseEvent): void {
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}
