import type { JSX } from "preact";
import { TextField } from "../../../components/field.tsx";
import { shownOf } from "../../../lib/json.ts";
import { useTyped } from "../form/typed.ts";

/** Nothing, or a number; what is no number yet stays a text. */
function valueOf(text: string): unknown {
  if (text.trim() === "") return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** A number that may be left out. */
export function OptionalNumber({
  label,
  usual,
  problem,
  value,
  disabled,
  onChange,
}: {
  readonly label: string;
  /** Shown while there is none. */
  readonly usual: string;
  readonly problem: string | undefined;
  readonly value: unknown;
  readonly disabled: boolean;
  readonly onChange: (value: unknown) => void;
}): JSX.Element {
  const [text, onInput] = useTyped({ value, valueOf, shown: shownOf(value), onChange });
  return (
    <TextField
      label={label}
      problem={problem}
      inputMode="decimal"
      placeholder={usual}
      value={text}
      disabled={disabled}
      onInput={onInput}
    />
  );
}
