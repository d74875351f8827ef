import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface WindowGridProps<Item> {
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string | number;
  readonly draw: (item: Item, index: number) => ComponentChildren;
  /** Of every item, in pixels; all are equally high. */
  readonly itemHeight: number;
  /** As many columns as have at least this width, in pixels; undefined: one. */
  readonly minItemWidth?: number | undefined;
  readonly gap?: number;
  readonly class?: string;
  readonly role?: "list" | "rowgroup";
  /** Read out. */
  readonly label?: string;
}

/** The window moves by at least so many pixels: not at every step of the wheel. */
const STEP_PX = 160;
/** So many steps above and below what is visible, so that quick scrolling shows no holes. */
const SPARE_STEPS = 2;

interface View {
  readonly width: number;
  readonly first: number;
  readonly last: number;
}

function scrollerOf(element: HTMLElement): HTMLElement {
  let parent = element.parentElement;
  while (parent !== null) {
    const { overflowY } = getComputedStyle(parent);
    if (overflowY === "auto" || overflowY === "scroll") return parent;
    parent = parent.parentElement;
  }
  return document.documentElement;
}

/** Follows scrolling and size: which stretch of the element, in whole steps of so many pixels, is visible. */
function useVisible(step: number): readonly [{ readonly current: HTMLDivElement | null }, View] {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ width: 0, first: 0, last: 2000 });
  // Before anything is on the screen: what is drawn first is what is visible.
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const scroller = scrollerOf(element);
    const look = (): void => {
      const top = element.getBoundingClientRect().top;
      const from = scroller.getBoundingClientRect().top - top;
      const next = {
        width: element.clientWidth,
        first: Math.floor(Math.max(0, from) / step) * step,
        last: Math.ceil((from + scroller.clientHeight) / step) * step,
      };
      setView((before) =>
        before.width === next.width && before.first === next.first && before.last === next.last
          ? before
          : next,
      );
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    observer.observe(scroller);
    scroller.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, [step]);
  return [frame, view];
}

/** Equal items in rows, of which only the visible ones are in the document: a thousand cost as much as thirty. */
export function WindowGrid<Item>(props: WindowGridProps<Item>): JSX.Element {
  const { items, keyOf, draw, itemHeight, minItemWidth, gap = 0, role = "list" } = props;
  const pitch = itemHeight + gap;
  const step = Math.ceil(STEP_PX / pitch) * pitch;
  const [frame, { width, first, last }] = useVisible(step);
  const spare = step * SPARE_STEPS;
  const columns =
    minItemWidth === undefined ? 1 : Math.max(1, Math.floor((width + gap) / (minItemWidth + gap)));
  const rows = Math.ceil(items.length / columns);
  const firstRow = Math.max(0, Math.floor((first - spare) / pitch));
  const lastRow = Math.min(rows, Math.ceil((last + spare) / pitch));
  const shown = items.slice(firstRow * columns, lastRow * columns);
  return (
    <div
      ref={frame}
      role={role}
      aria-label={props.label}
      class={`window-grid ${props.class ?? ""}`}
      style={{ height: `${Math.max(0, rows * pitch - gap)}px` }}
    >
      <div
        class="window"
        role="presentation"
        style={{
          // Not a transform: what stays keeps its place in the layer and is not drawn again.
          top: `${firstRow * pitch}px`,
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          gridAutoRows: `${itemHeight}px`,
          gap: `${gap}px`,
        }}
      >
        {shown.map((item, index) => (
          <WindowItem key={keyOf(item)}>{draw(item, firstRow * columns + index)}</WindowItem>
        ))}
      </div>
    </div>
  );
}

function WindowItem({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <>{children}</>;
}
