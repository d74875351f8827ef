import type { JSX } from "preact";
import { Problem, SelectField, TextField } from "../../../components/field.tsx";
import { Notice } from "../../../components/toast.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { objectOf, textOf, textsOf, withValue } from "../../../lib/json.ts";
import { FreeField } from "../form/free-field.tsx";
import { Items } from "../form/items.tsx";
import { DRIVER_TYPE_NAMES, driverType } from "./driver-types.ts";
import type { DriverOption } from "./driver-types.ts";
import { NameField } from "./name-field.tsx";
import type { NamedFieldsProps } from "./name-field.tsx";
import { OptionalNumber } from "./optional-number.tsx";

/** A program and its arguments: one below the other, as each is passed on as it is. */
function WordsField({
  label,
  problem,
  words,
  disabled,
  onChange,
}: {
  readonly label: string;
  readonly problem: string | undefined;
  readonly words: readonly string[];
  readonly disabled: boolean;
  readonly onChange: (words: readonly string[]) => void;
}): JSX.Element {
  return (
    <fieldset class="field nested">
      <legend>{label}</legend>
      <Problem text={problem} />
      <Items
        label={label}
        items={words}
        titleOf={() => ""}
        blank={() => ""}
        disabled={disabled}
        onChange={onChange}
      >
        {(word, change, index) => (
          <TextField
            label={`${label} ${index + 1}`}
            value={word}
            disabled={disabled}
            onInput={change}
          />
        )}
      </Items>
    </fieldset>
  );
}

function OptionField({
  option,
  props,
}: {
  readonly option: DriverOption;
  readonly props: NamedFieldsProps;
}): JSX.Element {
  const { t } = settingsText;
  const { key, kind, usual } = option;
  const { item, problems, disabled, onChange } = props;
  const { value } = item;
  const change = (next: unknown): void => onChange(withValue(value, key, next));
  const problem = problems.get(key);
  const hint = usual === "" ? "" : t("gpio.usual", { value: usual });
  if (kind === "words") {
    const words = textsOf(value[key]);
    return (
      <WordsField
        label={key}
        problem={problem}
        words={words}
        disabled={disabled}
        onChange={change}
      />
    );
  }
  if (kind === "number") {
    return (
      <OptionalNumber
        label={key}
        usual={hint}
        problem={problem}
        value={value[key]}
        disabled={disabled}
        onChange={change}
      />
    );
  }
  return (
    <TextField
      label={key}
      problem={problem}
      placeholder={hint}
      value={textOf(value[key])}
      disabled={disabled}
      onInput={(text) => change(text === "" ? undefined : text)}
    />
  );
}

/** Options that the type does not have, or that this page does not know: they stay as they are until changed here. */
function OtherOptions({ item, disabled, onChange }: NamedFieldsProps): JSX.Element | null {
  const { type, ...options } = item.value;
  const known = driverType(textOf(type));
  const keys = new Set(known?.options.map(({ key }) => key));
  const entries = Object.entries(options);
  const others = entries.filter(([key]) => !keys.has(key));
  if (known !== undefined && others.length === 0) return null;
  const kept = Object.fromEntries(entries.filter(([key]) => keys.has(key)));
  return (
    <FreeField
      label={settingsText.t("gpio.options")}
      value={Object.fromEntries(others)}
      disabled={disabled}
      onChange={(next) => onChange({ type, ...kept, ...objectOf(next) })}
    />
  );
}

/** One driver: its type, and what that needs. */
export function DriverFields(props: NamedFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { item, disabled, onChange } = props;
  const type = textOf(item.value["type"]);
  const known = DRIVER_TYPE_NAMES.map((name) => ({
    value: name as string,
    label: t(`gpio.type.${name}`),
  }));
  const types = known.some(({ value }) => value === type)
    ? known
    : [...known, { value: type, label: type }];
  return (
    <>
      <div class="columns">
        <NameField {...props} />
        <SelectField
          label={t("gpio.type")}
          value={type}
          options={types}
          disabled={disabled}
          // What the other type had is of no use to this one.
          onChange={(next) => onChange({ type: next })}
        />
        {driverType(type)?.options.map((option) => (
          <OptionField key={option.key} option={option} props={props} />
        ))}
      </div>
      {(type === "cmd" || type === "cmdret") && <Notice tone="info">{t("gpio.commands")}</Notice>}
      {driverType(type) === undefined && <Notice tone="warn">{t("gpio.unknownType")}</Notice>}
      <OtherOptions {...props} />
    </>
  );
}
