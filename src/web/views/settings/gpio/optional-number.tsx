import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { TextField } from "../../../components/field.tsx";
import { shownOf } from "../../../lib/json.ts";

/** A number that may be left out; what is no number yet stays a text. */
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
  const [typed, setTyped] = useState("");
  const valueOf = (text: string): unknown => {
    if (text.trim() === "") return undefined;
    return Number.isFinite(Number(text)) ? Number(text) : text;
  };
  return (
    <TextField
      label={label}
      problem={problem}
      inputMode="decimal"
      placeholder={usual}
      value={valueOf(typed) === value ? typed : shownOf(value)}
      disabled={disabled}
      onInput={(text) => {
        setTyped(text);
        onChange(valueOf(text));
      }}
    />
  );
}
