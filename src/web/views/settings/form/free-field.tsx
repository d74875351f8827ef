import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../../components/button.tsx";
import { TextField } from "../../../components/field.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { isObject, withValue } from "../../../lib/json.ts";
import type { Json } from "../../../lib/json.ts";
import { textOfScalar, valueOfText } from "./free-value.ts";
import { Items } from "./items.tsx";
import { useTyped } from "./typed.ts";

export interface FreeFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: unknown;
  readonly disabled: boolean;
  readonly onChange: (value: unknown) => void;
}

function ScalarField({ label, hint, value, disabled, onChange }: FreeFieldProps): JSX.Element {
  const shown = textOfScalar(value);
  const [text, onInput] = useTyped({ value, valueOf: valueOfText, shown, onChange });
  return <TextField label={label} hint={hint} value={text} disabled={disabled} onInput={onInput} />;
}

type Shape = "text" | "list" | "object";
const BLANKS: Readonly<Record<Shape, unknown>> = { text: "", list: [], object: {} };

/** A name and what kind of thing it will be. */
function AddMember({
  object,
  onChange,
}: {
  readonly object: Json;
  readonly onChange: (value: Json) => void;
}): JSX.Element {
  const { t } = settingsText;
  const [name, setName] = useState("");
  const key = name.trim();
  const isUsable = key !== "" && !Object.hasOwn(object, key);
  const add = (shape: Shape): void => {
    onChange({ ...object, [key]: BLANKS[shape] });
    setName("");
  };
  return (
    <div class="row wrap bottom">
      <TextField label={t("form.newName")} value={name} onInput={setName} />
      <Button icon="plus" disabled={!isUsable} onClick={() => add("text")}>
        {t("form.addText")}
      </Button>
      <Button icon="plus" disabled={!isUsable} onClick={() => add("list")}>
        {t("form.addList")}
      </Button>
      <Button icon="plus" disabled={!isUsable} onClick={() => add("object")}>
        {t("form.addGroup")}
      </Button>
    </div>
  );
}

function Members({
  value,
  disabled,
  onChange,
}: {
  readonly value: Json;
  readonly disabled: boolean;
  readonly onChange: (value: Json) => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <>
      {Object.entries(value).map(([key, item]) => (
        <div key={key} class="setting">
          <FreeField
            label={key}
            value={item}
            disabled={disabled}
            onChange={(next) => onChange({ ...value, [key]: next })}
          />
          {!disabled && (
            <Button
              kind="ghost"
              icon="trash"
              label={t("form.remove", { item: key })}
              onClick={() => onChange(withValue(value, key, undefined))}
            />
          )}
        </div>
      ))}
      {!disabled && <AddMember object={value} onChange={onChange} />}
    </>
  );
}

/** A value of which nothing is known: names with values, lists, texts and numbers. */
export function FreeField(props: FreeFieldProps): JSX.Element {
  const { label, hint = "", value, disabled, onChange } = props;
  const isList = Array.isArray(value);
  const items: readonly unknown[] = isList ? value : [];
  if (!isList && !isObject(value)) return <ScalarField {...props} />;
  return (
    <fieldset class="field nested">
      <legend>{label}</legend>
      {hint !== "" && <span class="hint">{hint}</span>}
      {isObject(value) ? (
        <Members value={value} disabled={disabled} onChange={onChange} />
      ) : (
        <Items
          label={label}
          items={items}
          titleOf={() => ""}
          blank={() => ""}
          disabled={disabled}
          onChange={onChange}
        >
          {(item, change, index) => (
            <FreeField
              label={String(index + 1)}
              value={item}
              disabled={disabled}
              onChange={change}
            />
          )}
        </Items>
      )}
    </fieldset>
  );
}
