import type { JSX } from "preact";
import { TextField } from "../../../components/field.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import type { Json } from "../../../lib/json.ts";
import type { Problems } from "../form/problems.ts";
import type { Named } from "./gpio-draft.ts";

/** What edits a driver or a channel. */
export interface NamedFieldsProps {
  readonly item: Named;
  readonly problems: Problems;
  readonly disabled: boolean;
  readonly onRename: (name: string) => void;
  readonly onChange: (value: Json) => void;
}

export function NameField({ item, problems, disabled, onRename }: NamedFieldsProps): JSX.Element {
  const { t } = settingsText;
  return (
    <TextField
      label={t("gpio.name")}
      hint={t("gpio.nameHint")}
      problem={problems.get("name")}
      value={item.name}
      disabled={disabled}
      onInput={onRename}
    />
  );
}
