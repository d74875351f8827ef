import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { commonText } from "../i18n/common-text.ts";
import { Button } from "./button.tsx";

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Buttons at the bottom, the one that goes on last. */
  readonly actions?: ComponentChildren;
  readonly wide?: boolean;
  /** Asked to close: by its button, Escape, or a click beside it. */
  readonly onClose: () => void;
}

/** Open as long as it is drawn. Focus stays inside and returns to where it was. */
export function Dialog({
  title,
  children,
  actions,
  wide = false,
  onClose,
}: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // At once, not after the next frame: keys that are pressed meanwhile would be lost.
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <Button kind="ghost" icon="close" label={commonText.t("action.close")} onClick={onClose} />
      </header>
      <div class="content">{children}</div>
      {actions !== undefined && <footer>{actions}</footer>}
    </dialog>
  );
}
