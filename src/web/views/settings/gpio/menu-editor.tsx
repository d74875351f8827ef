import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { Items } from "../form/items.tsx";
import type { Problems } from "../form/problems.ts";
import type { ChannelKinds } from "./cells.ts";
import { problemsWithin } from "./gpio-check.ts";
import { ROW_CELLS, RowCells } from "./row-cells.tsx";

type Row = readonly string[];

/** What a row is called in the list. */
function titleOfRow(row: Row, index: number): string {
  const { t } = settingsText;
  if (row.length === 0) return t("gpio.line");
  const words = row.map((cell) => cell.replace(/^#/, "").split("|").at(-1)?.trim() ?? "");
  const text = words.filter((word) => word !== "").join(" · ");
  return text === "" ? t("gpio.row", { n: index + 1 }) : text;
}

/** The rows of the menu with their cells. */
export function MenuEditor({
  table,
  kinds,
  problems,
  disabled,
  onChange,
}: {
  readonly table: readonly Row[];
  readonly kinds: ChannelKinds;
  readonly problems: Problems;
  readonly disabled: boolean;
  readonly onChange: (table: readonly Row[]) => void;
}): JSX.Element {
  const { t } = settingsText;
  return (
    <Items
      label={t("gpio.menu")}
      items={table}
      titleOf={titleOfRow}
      addTitle={t("gpio.addRow")}
      blank={(): Row => ["#"]}
      moreAdds={
        <Button icon="minus" onClick={() => onChange([...table, []])}>
          {t("gpio.addLine")}
        </Button>
      }
      folded
      disabled={disabled}
      isWrong={(index) => problemsWithin(problems, String(index)).size > 0}
      onChange={onChange}
    >
      {(row, changeRow, at) => (
        <RowCells
          label={t("gpio.cells", { n: at + 1 })}
          cells={row}
          kinds={kinds}
          types={ROW_CELLS}
          problems={problemsWithin(problems, String(at))}
          disabled={disabled}
          onChange={changeRow}
        />
      )}
    </Items>
  );
}
