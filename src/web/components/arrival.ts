import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { cameBack, path } from "../lib/router.ts";

/** How far each page of the document was scrolled when it was left. */
const scrolled = new Map<string, number>();

/** Runs when what is drawn now is on the screen. */
function afterDrawing(work: () => void): void {
  requestAnimationFrame(() => {
    requestAnimationFrame(work);
  });
}

/** Focus that was on something that is gone goes to the link to where the visitor comes from, or to the page itself. */
function takeFocus(main: HTMLElement, from: string): void {
  const aim = (): HTMLElement | null => main.querySelector(`a[href="${CSS.escape(from)}"]`);
  const has = document.activeElement;
  if (has !== null && has !== document.body && has !== main) return;
  (aim() ?? main).focus({ preventScroll: true });
  // A list draws only what is in view, and follows a moment later.
  afterDrawing(() => {
    if (document.activeElement === main) aim()?.focus({ preventScroll: true });
  });
}

/** Begins each page at its top, or where it was when the visitor comes back, and with the keyboard in it. */
export function useArrival(page: RefObject<HTMLElement | null>): void {
  const here = path.value;
  const before = useRef(here);
  useEffect(() => {
    const main = page.current;
    if (main === null) return undefined;
    const remember = (): void => {
      scrolled.set(path.peek(), main.scrollTop);
    };
    main.addEventListener("scroll", remember, { passive: true });
    return () => main.removeEventListener("scroll", remember);
  }, []);
  useLayoutEffect(() => {
    const main = page.current;
    const from = before.current;
    before.current = here;
    if (main === null || from === here) return;
    // What is in the page is drawn after the page itself, in the same turn.
    queueMicrotask(() => {
      main.scrollTop = cameBack() ? (scrolled.get(here) ?? 0) : 0;
      takeFocus(main, from);
    });
  }, [here]);
}
