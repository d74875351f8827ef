import type { ComponentChildren, JSX } from "preact";
import type { Tone } from "./toast.tsx";

/** A word about a state. The color repeats what the word says. */
export function Badge({
  tone,
  children,
}: {
  readonly tone?: Tone | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={tone === undefined ? "badge" : `badge ${tone}`}>{children}</span>;
}

/** A lamp beside words; without them give it a `label`. */
export function Dot({
  tone,
  label,
}: {
  readonly tone?: Tone | undefined;
  readonly label?: string | undefined;
}): JSX.Element {
  const name = tone === undefined ? "dot" : `dot ${tone}`;
  if (label === undefined) return <span class={name} aria-hidden="true" />;
  return <span class={name} role="img" aria-label={label} title={label} />;
}

/** `value` from 0 to 1; undefined while it cannot be known. */
export function Progress({
  value,
  label,
  tone,
}: {
  readonly value: number | undefined;
  readonly label: string;
  readonly tone?: "warn" | "bad" | undefined;
}): JSX.Element {
  const name = tone === undefined ? "progress" : `progress ${tone}`;
  return <progress class={name} aria-label={label} max={1} value={value} />;
}
