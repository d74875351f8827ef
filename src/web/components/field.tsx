import type { ComponentChildren, JSX, PartialInputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with the value; read out when it appears. */
  readonly problem?: string | undefined;
}

/** What is wrong with something that is no single control; read out when it appears. */
export function Problem({ text }: { readonly text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <span class="problem" role="alert">
      {text}
    </span>
  );
}

/** A label, a control and what is to be said about it. The control is given its identity. */
export function Field({
  label,
  hint,
  problem,
  control,
}: FieldProps & {
  readonly control: (ids: {
    readonly id: string;
    readonly "aria-describedby": string | undefined;
    readonly "aria-invalid": boolean;
  }) => JSX.Element;
}): JSX.Element {
  const id = useId();
  const isWrong = problem !== undefined && problem !== "";
  const hasHint = hint !== undefined && hint !== "";
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control({
        id,
        "aria-describedby": isWrong || hasHint ? `${id}-more` : undefined,
        "aria-invalid": isWrong,
      })}
      {isWrong ? (
        <span class="problem" id={`${id}-more`} role="alert">
          {problem}
        </span>
      ) : (
        hasHint && (
          <span class="hint" id={`${id}-more`}>
            {hint}
          </span>
        )
      )}
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: keyof typeof INPUTS;
  readonly autocomplete?: string | undefined;
  readonly inputMode?: "text" | "numeric" | "decimal" | "url" | "none" | undefined;
  readonly placeholder?: string | undefined;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly autofocus?: boolean;
  readonly maxLength?: number | undefined;
  /** More than one: a box for longer text. */
  readonly rows?: number;
}

type InputProps = Omit<PartialInputHTMLAttributes<HTMLInputElement>, "type" | "role" | "list">;

/** Each kind has types of its own. */
const INPUTS = {
  text: (props: InputProps) => <input {...props} type="text" />,
  password: (props: InputProps) => <input {...props} type="password" />,
  url: (props: InputProps) => <input {...props} type="url" />,
  number: (props: InputProps) => <input {...props} type="number" />,
  search: (props: InputProps) => <input {...props} type="search" />,
  email: (props: InputProps) => <input {...props} type="email" />,
} as const;

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, hint, problem, value, onInput, type = "text", rows = 1 } = props;
  const { autocomplete, inputMode, placeholder, required, disabled, autofocus, maxLength } = props;
  const shared = { class: "input", value, placeholder, required, disabled, autofocus, maxLength };
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(ids) =>
        rows > 1 ? (
          <textarea
            {...ids}
            {...shared}
            rows={rows}
            spellcheck={false}
            onInput={(event) => onInput(event.currentTarget.value)}
          />
        ) : (
          INPUTS[type]({
            ...ids,
            ...shared,
            autocomplete: autocomplete ?? "off",
            inputMode,
            spellcheck: false,
            autocapitalize: "none",
            onInput: (event) => onInput(event.currentTarget.value),
          })
        )
      }
    />
  );
}

export interface Option<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface SelectFieldProps<T extends string> extends FieldProps {
  readonly value: T;
  readonly options: readonly Option<T>[];
  readonly disabled?: boolean;
  readonly onChange: (value: T) => void;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>): JSX.Element {
  const { label, hint, problem, value, options, disabled, onChange } = props;
  return (
    <Field
      label={label}
      hint={hint}
      problem={problem}
      control={(ids) => (
        <select
          {...ids}
          class="input"
          value={value}
          disabled={disabled}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.currentTarget.value);
            if (chosen !== undefined) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    />
  );
}

export interface SwitchProps {
  readonly children: ComponentChildren;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({
  children,
  checked,
  disabled = false,
  onChange,
}: SwitchProps): JSX.Element {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{children}</span>
    </label>
  );
}
