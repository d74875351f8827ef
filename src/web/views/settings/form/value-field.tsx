import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SettingSchema } from "../../../../protocol/native/settings.ts";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { settingText } from "../../../i18n/setting-texts.ts";
import { settingsText } from "../../../i18n/settings-text.ts";
import { isObject, textOf } from "../../../lib/json.ts";
import { FreeField } from "./free-field.tsx";
import { Items } from "./items.tsx";
import { within } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { blankOf, formKind, markOf, wayOf, wayTitle, waysOf } from "./schema.ts";
import { useTyped } from "./typed.ts";

export interface ValueFieldProps {
  readonly label: string;
  /** What the setting, or the part of it, is called in the texts: its path without numbers. */
  readonly path: string;
  /** Where it stands among the problems. */
  readonly place: string;
  readonly schema: SettingSchema;
  /** Instead of what the texts say. */
  readonly hint?: string | undefined;
  readonly value: unknown;
  readonly problems: Problems;
  readonly disabled: boolean;
  readonly onChange: (value: unknown) => void;
}

type HintedProps = ValueFieldProps & { readonly hint: string };

/** A number as it is typed: what is none yet stays a text. */
const numberOf = (text: string): unknown =>
  text.trim() === "" || !Number.isFinite(Number(text)) ? text : Number(text);

function NumberField(props: HintedProps): JSX.Element {
  const { label, hint, place, value, problems, disabled, onChange } = props;
  const [text, onInput] = useTyped({ value, valueOf: numberOf, shown: String(value), onChange });
  return (
    <TextField
      label={label}
      hint={hint}
      problem={problems.get(place)}
      type="number"
      value={text}
      disabled={disabled}
      onInput={onInput}
    />
  );
}

/** A secret that is set is not told; it stays until another one is typed. */
function SecretField(props: HintedProps): JSX.Element {
  const { t } = settingsText;
  const { label, hint, value, disabled, onChange } = props;
  const [kept] = useState(value);
  const isKept = value === kept && textOf(value).startsWith("(hidden");
  const state = t(isKept ? "config.secretSet" : "config.secretNone");
  return (
    <TextField
      label={label}
      hint={`${hint} ${isKept || value === "" ? state : ""}`}
      type="password"
      autocomplete="new-password"
      value={isKept ? "" : textOf(value)}
      disabled={disabled}
      onInput={(next) => onChange(next === "" ? kept : next)}
    />
  );
}

function ChoiceField(props: HintedProps): JSX.Element {
  const { label, hint, path, schema, value, disabled, onChange } = props;
  const ways = waysOf(schema);
  const at = wayOf(ways, value);
  const way = ways[at];
  return (
    <div class="stack">
      <SelectField
        label={markOf(way ?? {})?.[0] ?? label}
        hint={hint}
        value={String(at)}
        options={ways.map((one, index) => ({ value: String(index), label: wayTitle(one) }))}
        disabled={disabled}
        onChange={(next) => onChange(blankOf(ways[Number(next)] ?? {}))}
      />
      {way !== undefined && way.const === undefined && (
        <ValueField
          {...props}
          label={wayTitle(way)}
          path={formKind(way) === "object" ? path : ""}
          hint={undefined}
          schema={way}
        />
      )}
    </div>
  );
}

/** What an item of a list is called: the first text in it that is no secret. */
function titleOf(item: unknown, index: number): string {
  if (!isObject(item)) return "";
  const texts = Object.entries(item)
    .filter(([key, value]) => typeof value === "string" && !/token|secret|key/i.test(key))
    .map(([, value]) => String(value));
  return texts.length === 0 ? String(index + 1) : texts.slice(0, 2).join(" · ");
}

function ListField(props: HintedProps): JSX.Element {
  const { label, hint, path, place, schema, value, problems, disabled, onChange } = props;
  const item = schema.items ?? {};
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const isFlat = formKind(item) !== "object" && formKind(item) !== "choice";
  return (
    <fieldset class="field nested">
      <legend>{label}</legend>
      <span class="hint">{hint}</span>
      <Items
        label={label}
        items={list}
        titleOf={titleOf}
        blank={() => blankOf(item)}
        folded={!isFlat}
        disabled={disabled}
        isWrong={(index) =>
          [...problems.keys()].some((key) => key.startsWith(`${within(place, index)}/`))
        }
        onChange={onChange}
      >
        {(one, change, index) => (
          <ValueField
            label={isFlat ? String(index + 1) : label}
            path={`${path}.*`}
            place={within(place, index)}
            schema={item}
            value={one}
            problems={problems}
            disabled={disabled}
            onChange={change}
          />
        )}
      </Items>
    </fieldset>
  );
}

function ObjectFields(props: ValueFieldProps): JSX.Element {
  const { path, place, schema, value, onChange } = props;
  const object = isObject(value) ? value : {};
  const shown = Object.entries(schema.properties ?? {}).filter(
    ([, child]) => child.const === undefined,
  );
  return (
    <div class="columns">
      {shown.map(([key, child]) => (
        <ValueField
          {...props}
          key={key}
          label={key}
          path={`${path}.${key}`}
          place={within(place, key)}
          schema={child}
          hint={undefined}
          value={object[key] ?? child.default ?? (formKind(child) === "flag" ? false : "")}
          onChange={(next) => onChange({ ...object, [key]: next })}
        />
      ))}
    </div>
  );
}

function TypedField(props: HintedProps): JSX.Element {
  const { label, hint, place, schema, value, problems, disabled, onChange } = props;
  if (formKind(schema) === "flag") {
    return (
      <div class="field">
        <Switch checked={value === true} disabled={disabled} onChange={onChange}>
          <code>{label}</code>
        </Switch>
        <span class="hint">{hint}</span>
      </div>
    );
  }
  if (formKind(schema) === "word") {
    const words = (schema.enum ?? []).map(String);
    return (
      <SelectField
        label={label}
        hint={hint}
        value={String(value)}
        options={words.map((word) => ({ value: word, label: word }))}
        disabled={disabled}
        onChange={onChange}
      />
    );
  }
  return (
    <TextField
      label={label}
      hint={hint}
      problem={problems.get(place)}
      value={textOf(value)}
      disabled={disabled}
      onInput={onChange}
    />
  );
}

/** A value of any kind, edited as its description says. */
export function ValueField(props: ValueFieldProps): JSX.Element {
  const { path, schema } = props;
  const hint = props.hint ?? settingText(path, schema.description ?? "");
  const known = { ...props, hint };
  switch (formKind(schema)) {
    case "secret":
      return <SecretField {...known} />;
    case "choice":
      return <ChoiceField {...known} />;
    case "list":
      return <ListField {...known} />;
    case "object":
      return <ObjectFields {...props} />;
    case "number":
      return <NumberField {...known} />;
    case "free":
      return <FreeField {...known} />;
    default:
      return <TypedField {...known} />;
  }
}
