import { useState } from "preact/hooks";

export interface Typed {
  readonly value: unknown;
  /** What a text means; a text that means nothing yet stays one. */
  readonly valueOf: (text: string) => unknown;
  /** How the value is written. */
  readonly shown: string;
  readonly onChange: (value: unknown) => void;
}

/** The text of a field, and what takes another one: as it was typed (1.0) while that means the value, else as it is written. */
export function useTyped({
  value,
  valueOf,
  shown,
  onChange,
}: Typed): readonly [string, (text: string) => void] {
  const [typed, setTyped] = useState("");
  const onInput = (text: string): void => {
    setTyped(text);
    onChange(valueOf(text));
  };
  return [valueOf(typed) === value ? typed : shown, onInput];
}
