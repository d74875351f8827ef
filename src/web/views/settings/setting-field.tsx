import type { JSX } from "preact";
import type { SettingView } from "../../../protocol/native/settings.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../components/field.tsx";
import { settingsText } from "../../i18n/settings-text.ts";

/** As it is typed. */
export type Typed = string | boolean;

/** What is shown at first. */
export function typedOf({ kind, value }: SettingView): Typed {
  if (kind === "flag") return value === true;
  if (kind === "secret") return "";
  if (kind === "words" && Array.isArray(value)) return value.join(", ");
  if (typeof value === "string" || typeof value === "number") return String(value);
  return kind === "json" ? JSON.stringify(value, undefined, 2) : "";
}

/** The value that was typed. Throws `Error` with a sentence for what cannot be one. */
export function valueOf({ kind }: SettingView, typed: Typed): unknown {
  if (typeof typed === "boolean") return typed;
  switch (kind) {
    case "integer":
    case "number":
      return Number(typed);
    case "words":
      return typed
        .split(/[,，\s]+/)
        .map((word) => word.trim())
        .filter((word) => word !== "");
    case "json":
      try {
        const parsed: unknown = JSON.parse(typed);
        return parsed;
      } catch {
        throw new Error(settingsText.t("config.badJson"));
      }
    default:
      return typed;
  }
}

function textOfDefault(value: unknown): string {
  if (value === "" || value === null) return settingsText.t("config.empty");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function hintOf(setting: SettingView): string {
  const { t } = settingsText;
  if (setting.isFixed) return `${setting.description} ${t("config.fixed")}`;
  if (setting.kind === "secret") {
    const state = t(setting.isSet ? "config.secretSet" : "config.secretNone");
    return `${setting.description} ${state}`;
  }
  const standard = t("config.default", { value: textOfDefault(setting.default) });
  return setting.kind === "json" ? setting.description : `${setting.description} ${standard}`;
}

export interface SettingFieldProps {
  readonly setting: SettingView;
  readonly typed: Typed;
  readonly problem: string | undefined;
  readonly onChange: (typed: Typed) => void;
}

function Control({ setting, typed, problem, onChange }: SettingFieldProps): JSX.Element {
  const { path, kind, words = [], isFixed } = setting;
  const hint = hintOf(setting);
  if (typeof typed === "boolean") {
    return (
      <div class="field">
        <Switch checked={typed} disabled={isFixed} onChange={onChange}>
          <code>{path}</code>
        </Switch>
        <span class="hint">{hint}</span>
      </div>
    );
  }
  if (kind === "word") {
    const options = [...new Set([typed, ...words])].map((word) => ({ value: word, label: word }));
    return (
      <SelectField
        label={path}
        hint={hint}
        value={typed}
        options={options}
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
      problem={problem}
      type={kind === "secret" ? "password" : isNumber ? "number" : "text"}
      autocomplete={kind === "secret" ? "new-password" : "off"}
      rows={kind === "json" ? 4 : 1}
      value={typed}
      disabled={isFixed}
      onInput={onChange}
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
