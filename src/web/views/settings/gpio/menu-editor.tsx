import type { JSX } from "preact";
import { GPIO_COLORS } from "../../../../protocol/kvmd/gpio-view.ts";
import { Button } from "../../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { Items } from "../form/items.tsx";
import type { Problems } from "../form/problems.ts";
import { cellOf, textOfCell } from "./cells.ts";
import type { Cell, ChannelKinds } from "./cells.ts";
import { problemsWithin } from "./gpio-check.ts";

type Row = readonly string[];

const CELL_TYPES = ["label", "input", "output"] as const;

/** The first channel of a kind, so that a new cell shows something at once. */
function blankCell(type: Cell["type"], { inputs, outputs }: ChannelKinds): Cell {
  switch (type) {
    case "label":
      return { type, text: "" };
    case "input":
      return { type, channel: [...inputs][0] ?? "", color: "green" };
    default:
      return { type, channel: [...outputs][0] ?? "", text: "", asks: false, hides: false };
  }
}

interface CellFieldsProps {
  readonly cell: Cell;
  readonly kinds: ChannelKinds;
  readonly problem: string | undefined;
  readonly disabled: boolean;
  readonly onChange: (cell: Cell) => void;
}

function ChannelField({ cell, kinds, problem, disabled, onChange }: CellFieldsProps): JSX.Element {
  if (cell.type === "label") return <></>;
  const known = cell.type === "input" ? kinds.inputs : kinds.outputs;
  const names = [...new Set([...known, cell.channel])];
  return (
    <SelectField
      label={settingsText.t("gpio.channel")}
      problem={problem}
      value={cell.channel}
      options={names.map((name) => ({ value: name, label: name === "" ? "–" : name }))}
      disabled={disabled}
      onChange={(channel) => onChange({ ...cell, channel })}
    />
  );
}

function OutputSwitches({ cell, disabled, onChange }: CellFieldsProps): JSX.Element {
  const { t } = settingsText;
  if (cell.type !== "output") return <></>;
  return (
    <div class="stack">
      <Switch
        checked={cell.asks}
        disabled={disabled}
        onChange={(asks) => onChange({ ...cell, asks })}
      >
        {t("gpio.confirm")}
      </Switch>
      <Switch
        checked={cell.hides}
        disabled={disabled}
        onChange={(hides) => onChange({ ...cell, hides })}
      >
        {t("gpio.hide")}
      </Switch>
    </div>
  );
}

function CellFields(props: CellFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { cell, kinds, disabled, onChange } = props;
  return (
    <div class="columns cell">
      <SelectField
        label={t("gpio.cell")}
        value={cell.type}
        options={CELL_TYPES.map((type) => ({ value: type, label: t(`gpio.cell.${type}`) }))}
        disabled={disabled}
        onChange={(type) => onChange(blankCell(type, kinds))}
      />
      <ChannelField {...props} />
      {cell.type === "input" ? (
        <SelectField
          label={t("gpio.color")}
          value={cell.color}
          options={GPIO_COLORS.map((color) => ({ value: color, label: t(`gpio.color.${color}`) }))}
          disabled={disabled}
          onChange={(color) => onChange({ ...cell, color })}
        />
      ) : (
        <TextField
          label={t("gpio.cellText")}
          value={cell.text}
          disabled={disabled}
          onInput={(text) => onChange({ ...cell, text })}
        />
      )}
      <OutputSwitches {...props} />
    </div>
  );
}

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
        <Items
          label={t("gpio.cells", { n: at + 1 })}
          items={row}
          titleOf={() => ""}
          addTitle={t("gpio.addCell")}
          blank={() => "#"}
          disabled={disabled}
          onChange={changeRow}
        >
          {(text, change, index) => (
            <CellFields
              cell={cellOf(text, kinds)}
              kinds={kinds}
              problem={problems.get(`${at}/${index}`)}
              disabled={disabled}
              onChange={(cell) => change(textOfCell(cell))}
            />
          )}
        </Items>
      )}
    </Items>
  );
}
