import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button.tsx";
import { commonText } from "../i18n/common-text.ts";

/** The buttons at the end of a row. */
export function RowActions({
  name,
  onEdit,
  onRemove,
  children,
}: {
  /** Whose row it is, for screen readers. */
  readonly name: string;
  readonly onEdit?: (() => void) | undefined;
  readonly onRemove: () => void;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { t } = commonText;
  return (
    <div class="row end">
      {children}
      {onEdit !== undefined && (
        <Button kind="ghost" icon="edit" label={`${t("action.edit")}: ${name}`} onClick={onEdit} />
      )}
      <Button
        kind="ghost"
        icon="trash"
        label={`${t("action.delete")}: ${name}`}
        onClick={onRemove}
      />
    </div>
  );
}
