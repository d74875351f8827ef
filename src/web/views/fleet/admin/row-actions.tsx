import type { ComponentChildren, JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";

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
  const { t } = adminText;
  return (
    <div class="row end">
      {children}
      {onEdit !== undefined && (
        <Button kind="ghost" icon="edit" label={`${t("edit")}: ${name}`} onClick={onEdit} />
      )}
      <Button kind="ghost" icon="trash" label={`${t("remove")}: ${name}`} onClick={onRemove} />
    </div>
  );
}
