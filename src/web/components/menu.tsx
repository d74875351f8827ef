import type { ComponentChildren, JSX, RefObject } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { followLink, isSamePage } from "../lib/router.ts";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";

export interface MenuProps {
  /** Read out; also shown where there is no `text`. */
  readonly label: string;
  readonly icon?: IconName | undefined;
  readonly text?: ComponentChildren;
  /** Which edge of the button it lines up with. */
  readonly align?: "start" | "end";
  readonly kind?: "ghost" | undefined;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

const ITEMS = '[role^="menuitem"]:not(:disabled)';

function moveFocus(list: HTMLElement, key: string): boolean {
  const items = [...list.querySelectorAll<HTMLElement>(ITEMS)];
  const at = items.findIndex((item) => item === document.activeElement);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at <= 0 ? items.length - 1 : at - 1,
    Home: 0,
    End: items.length - 1,
  };
  const next = steps[key];
  if (next === undefined || items.length === 0) return false;
  items[next % items.length]?.focus();
  return true;
}

/** Focus goes into an open list, and a click elsewhere closes it. */
function useOpenList(
  isOpen: boolean,
  frame: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
  setOpen: (isOpen: boolean) => void,
): void {
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    list.current?.querySelector<HTMLElement>(ITEMS)?.focus();
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && frame.current?.contains(event.target) !== true)
        setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer, true);
    return () => document.removeEventListener("pointerdown", onPointer, true);
  }, [isOpen]);
}

/** A button that opens a list of things to do: arrows move in it, Escape and a click elsewhere close it. */
export function Menu(props: MenuProps): JSX.Element {
  const { label, icon, text, align = "start", kind, disabled = false, children } = props;
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  useOpenList(isOpen, frame, list, setOpen);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen || list.current === null) return;
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (!moveFocus(list.current, event.key)) return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div class={`menu-frame ${props.class ?? ""}`} ref={frame} onKeyDown={onKeyDown}>
      <button
        type="button"
        class={`button ${kind ?? ""} ${text === undefined ? "only-icon" : ""}`}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={label}
        title={label}
        disabled={disabled}
        onClick={() => setOpen(!isOpen)}
      >
        {icon !== undefined && <Icon name={icon} />}
        {text}
      </button>
      {isOpen && (
        <div
          ref={list}
          id={id}
          class={align === "end" ? "menu end" : "menu"}
          role="menu"
          aria-label={label}
          // Before what the item does: a dialog that it opens gives the focus back to where it is then.
          onClickCapture={(event) => {
            if (event.target instanceof Element && event.target.closest(ITEMS) !== null) close();
          }}
        >
          {children}
        </div>
      )}
    </div>
  );
}

export interface MenuItemProps {
  readonly children: ComponentChildren;
  readonly icon?: IconName | undefined;
  /** One of several choices, or a switch: true shows a mark. */
  readonly checked?: boolean | undefined;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly shortcut?: string | undefined;
  /** A link instead of something to do. */
  readonly href?: string | undefined;
  /** The link is a file to keep. */
  readonly isDownload?: boolean;
  readonly onSelect?: (() => void) | undefined;
}

export function MenuItem(props: MenuItemProps): JSX.Element {
  const {
    children,
    icon,
    checked,
    danger = false,
    disabled = false,
    shortcut,
    href,
    isDownload = false,
    onSelect,
  } = props;
  const content = (
    <>
      {checked !== undefined && <span class="check">{checked && <Icon name="check" />}</span>}
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
      {shortcut !== undefined && <kbd class="shortcut">{shortcut}</kbd>}
    </>
  );
  if (href !== undefined) {
    return (
      <a
        role="menuitem"
        href={href}
        tabIndex={-1}
        download={isDownload ? "" : undefined}
        onClick={(event) => {
          onSelect?.();
          if (!isDownload && isSamePage(href)) followLink(event);
        }}
      >
        {content}
      </a>
    );
  }
  return (
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      class={danger ? "danger" : undefined}
      disabled={disabled}
      onClick={onSelect}
    >
      {content}
    </button>
  );
}

export function MenuTitle({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="title" role="presentation">
      {children}
    </div>
  );
}
