import type { JSX } from "preact";
import { GPIO_COLORS } from "../../../../protocol/kvmd/gpio-view.ts";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { Items } from "../form/items.tsx";
import type { Problems } from "../form/problems.ts";
import { cellOf, textOfCell } from "./cells.ts";
import type { Cell, ChannelKinds } from "./cells.ts";

/** What a row of the menu consists of, and a title, in which nothing can be used. */
export const ROW_CELLS = ["label", "input", "output"] as const;
export const TITLE_CELLS = ["label", "input"] as const;

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
  readonly types: readonly Cell["type"][];
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
  const { cell, kinds, types, disabled, onChange } = props;
  return (
    <div class="columns cell">
      <SelectField
        label={t("gpio.cell")}
        value={cell.type}
        options={types.map((type) => ({ value: type, label: t(`gpio.cell.${type}`) }))}
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

/** Cells beside each other, as the file writes them. */
export function RowCells({
  label,
  cells,
  kinds,
  types,
  problems,
  disabled,
  onChange,
}: {
  readonly label: string;
  readonly cells: readonly string[];
  readonly kinds: ChannelKinds;
  readonly types: readonly Cell["type"][];
  /** By the number of the cell. */
  readonly problems: Problems;
  readonly disabled: boolean;
  readonly onChange: (cells: readonly string[]) => void;
}): JSX.Element {
  return (
    <Items
      label={label}
      items={cells}
      titleOf={() => ""}
      addTitle={settingsText.t("gpio.addCell")}
      blank={() => "#"}
      disabled={disabled}
      onChange={onChange}
    >
      {(text, change, index) => (
        <CellFields
          cell={cellOf(text, kinds)}
          kinds={kinds}
          types={types}
          problem={problems.get(String(index))}
          disabled={disabled}
          onChange={(cell) => change(textOfCell(cell))}
        />
      )}
    </Items>
  );
}
