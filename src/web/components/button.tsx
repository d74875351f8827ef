import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";

export interface ButtonProps {
  /** Without text in it, `label` is needed. */
  readonly children?: ComponentChildren;
  readonly icon?: IconName | undefined;
  readonly kind?: "primary" | "danger" | "ghost" | undefined;
  /** Read out and shown as a tip; the only words of a button with an icon alone. */
  readonly label?: string | undefined;
  /** Something that it began is still going on. */
  readonly busy?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  /** For a button that stays pressed. */
  readonly pressed?: boolean | undefined;
  readonly type?: "button" | "submit" | undefined;
  readonly class?: string | undefined;
  readonly autofocus?: boolean | undefined;
  readonly onClick?: ((event: MouseEvent) => void) | undefined;
}

function classOf({ kind, children, class: more }: ButtonProps): string {
  return ["button", kind, children === undefined ? "only-icon" : undefined, more]
    .filter((name) => name !== undefined)
    .join(" ");
}

/** A button; `busy` keeps it from being used twice. */
export function Button(props: ButtonProps): JSX.Element {
  const { children, icon, label, busy = false, disabled = false, pressed, type, autofocus } = props;
  return (
    <button
      type={type ?? "button"}
      class={classOf(props)}
      aria-label={children === undefined ? label : undefined}
      title={label}
      aria-pressed={pressed}
      aria-busy={busy}
      disabled={disabled || busy}
      autofocus={autofocus}
      onClick={props.onClick}
    >
      {busy ? <Icon name="spinner" spins /> : icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
