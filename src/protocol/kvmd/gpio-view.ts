/** The grammar of the user GPIO menu (PiKVM API 4.6). Different on purpose: constant outputs are left out (15, Q7). */

export interface GpioLabelItem {
  readonly type: "label";
  readonly text: string;
}

export interface GpioInputItem {
  readonly type: "input";
  readonly channel: string;
  readonly color: string;
}

export interface GpioOutputItem {
  readonly type: "output";
  readonly channel: string;
  readonly text: string;
  readonly confirm: boolean;
  readonly hide: boolean;
}

export type GpioItem = GpioLabelItem | GpioInputItem | GpioOutputItem;

/** The menu that clients draw. */
export interface GpioView {
  readonly header: { readonly title: readonly (GpioLabelItem | GpioInputItem)[] };
  /** Rows of cells; null separates. */
  readonly table: readonly (readonly GpioItem[] | null)[];
}

/** As the configuration has it: cells are texts. */
export interface GpioViewSource {
  readonly header: { readonly title: string | readonly string[] };
  readonly table: readonly (readonly string[])[];
}

/** Channels by name that a menu can show. */
export interface GpioChannelNames {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export const GPIO_COLORS = [
  "green",
  "yellow",
  "red",
  "blue",
  "cyan",
  "magenta",
  "pink",
  "white",
] as const;
const COLORS: ReadonlySet<string> = new Set(GPIO_COLORS);
const DEFAULT_COLOR = "green";
const DEFAULT_TEXT = "Click";

/** The parts before and after the first two bars; the rest belongs to the third. */
function splitCell(cell: string): readonly string[] {
  const [first = "", second, ...rest] = cell.split("|");
  const parts = second === undefined ? [first] : [first, second];
  if (rest.length > 0) parts.push(rest.join("|"));
  return parts.map((part) => part.trim());
}

function parseLabel(cell: string): GpioLabelItem | undefined {
  const text = cell.trim();
  if (text === "") return { type: "label", text: "" };
  return text.startsWith("#") ? { type: "label", text: text.slice(1).trim() } : undefined;
}

function parseInput(parts: readonly string[]): GpioInputItem {
  const [channel = "", color = ""] = parts;
  return { type: "input", channel, color: COLORS.has(color) ? color : DEFAULT_COLOR };
}

function parseOutput(parts: readonly string[]): GpioItem {
  const [channel = "", second = ""] = parts;
  const hasOptions = parts.length > 2;
  const text = hasOptions ? (parts[2] ?? "") : second;
  const options = hasOptions ? second.split(",").map((option) => option.trim()) : [];
  return {
    type: "output",
    channel,
    text: text === "" ? DEFAULT_TEXT : text,
    confirm: options.includes("confirm"),
    hide: options.includes("hide"),
  };
}

function parseTitleCell(
  cell: string,
  scheme: GpioChannelNames,
): GpioLabelItem | GpioInputItem | undefined {
  const label = parseLabel(cell);
  if (label !== undefined) return label;
  const parts = splitCell(cell);
  return Object.hasOwn(scheme.inputs, parts[0] ?? "") ? parseInput(parts) : undefined;
}

/** One cell; undefined for one that names no channel. */
export function parseCell(cell: string, scheme: GpioChannelNames): GpioItem | undefined {
  const item = parseTitleCell(cell, scheme);
  if (item !== undefined) return item;
  const parts = splitCell(cell);
  return Object.hasOwn(scheme.outputs, parts[0] ?? "") ? parseOutput(parts) : undefined;
}

/** Turns the configured cells into items. Cells that name no channel of the scheme are dropped silently. */
export function parseView(view: GpioViewSource, scheme: GpioChannelNames): GpioView {
  const { title } = view.header;
  return {
    header: {
      title:
        typeof title === "string"
          ? [{ type: "label", text: title }]
          : title.map((cell) => parseTitleCell(cell, scheme)).filter((item) => item !== undefined),
    },
    table: view.table.map((row) =>
      row.length === 0
        ? null
        : row.map((cell) => parseCell(cell, scheme)).filter((item) => item !== undefined),
    ),
  };
}
