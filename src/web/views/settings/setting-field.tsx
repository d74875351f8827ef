import type { JSX } from "preact";
import type { SettingView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../components/field.tsx";
import { settingText } from "../../i18n/setting-texts.ts";
import { settingsText } from "../../i18n/settings-text.ts";
import { numberProblem, problemsIn, textProblem } from "./form/problems.ts";
import type { Problems } from "./form/problems.ts";
import { ValueField } from "./form/value-field.tsx";

/** As it is typed: a text or a flag; of `json` the value itself. Undefined: back to the default. */
export type Typed = unknown;

/** What is shown at first. */
export function typedOf({ kind, value }: SettingView): Typed {
  if (kind === "flag") return value === true;
  if (kind === "json") return value;
  if (kind === "words" && Array.isArray(value)) return value.join(", ");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The value that was typed. */
export function valueOf({ kind }: SettingView, typed: Typed): unknown {
  if (typeof typed !== "string") return typed;
  switch (kind) {
    case "integer":
    case "number":
      return typed.trim() === "" ? typed : Number(typed);
    case "words":
      return typed.split(/[,，\s]+/).filter((word) => word !== "");
    default:
      return typed;
  }
}

/** What is wrong with what was typed; the server has the last word. */
export function problemsOf(setting: SettingView, typed: Typed): Problems {
  const { kind, schema, minimum, maximum, pattern } = setting;
  if (kind === "json") return problemsIn(schema ?? {}, typed);
  const limits = {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(pattern === undefined ? {} : { pattern }),
  };
  const value = valueOf(setting, typed);
  const isNumber = kind === "integer" || kind === "number";
  const problem = isNumber
    ? numberProblem({ type: kind, ...limits }, value)
    : kind === "text"
      ? textProblem(limits, value)
      : undefined;
  return new Map(problem === undefined ? [] : [["", problem]]);
}

function textOfDefault(value: unknown): string {
  if (value === "" || value === null) return settingsText.t("config.empty");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function hintOf(setting: SettingView): string {
  const { t } = settingsText;
  const description = settingText(setting.path, setting.description);
  if (setting.isFixed) return `${description} ${t("config.fixed")}`;
  if (setting.kind === "secret") {
    return `${description} ${t(setting.isSet ? "config.secretSet" : "config.secretNone")}`;
  }
  return `${description} ${t("config.default", { value: textOfDefault(setting.default) })}`;
}

export interface SettingFieldProps {
  readonly setting: SettingView;
  readonly typed: Typed;
  readonly problems: Problems;
  readonly onChange: (typed: Typed) => void;
}

function PlainField({ setting, typed, problems, onChange }: SettingFieldProps): JSX.Element {
  const { path, kind, words = [], isFixed } = setting;
  const hint = hintOf(setting);
  if (kind === "flag") {
    return (
      <div class="field">
        <Switch checked={typed === true} disabled={isFixed} onChange={onChange}>
          <code>{path}</code>
        </Switch>
        <span class="hint">{hint}</span>
      </div>
    );
  }
  const text = String(typed);
  if (kind === "word") {
    return (
      <SelectField
        label={path}
        hint={hint}
        value={text}
        options={[...new Set([text, ...words])].map((word) => ({ value: word, label: word }))}
        disabled={isFixed}
        onChange={onChange}
      />
    );
  }
  const isNumber = kind === "integer" || kind === "number";
  return (
    <TextField
      label={path}
      hint={hint}
      problem={problems.get("")}
      type={kind === "secret" ? "password" : isNumber ? "number" : "text"}
      autocomplete={kind === "secret" ? "new-password" : "off"}
      value={text}
      disabled={isFixed}
      onInput={onChange}
    />
  );
}

function Control(props: SettingFieldProps): JSX.Element {
  const { setting, typed, problems, onChange } = props;
  const { path, kind, schema = {}, isFixed } = setting;
  if (kind !== "json") return <PlainField {...props} />;
  return (
    <ValueField
      label={path}
      path={path}
      place=""
      schema={schema}
      hint={hintOf(setting)}
      value={typed}
      problems={problems}
      disabled={isFixed}
      onChange={onChange}
    />
  );
}

/** One setting with everything that is known about it. */
export function SettingField(
  props: SettingFieldProps & { readonly onReset: (() => void) | undefined },
): JSX.Element {
  const { onReset } = props;
  return (
    <div class="setting">
      <Control {...props} />
      {onReset !== undefined && (
        <Button
          kind="ghost"
          icon="refresh"
          label={`${settingsText.t("config.reset")}: ${props.setting.path}`}
          onClick={onReset}
        />
      )}
    </div>
  );
}
