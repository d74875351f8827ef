/** Cells of the menu as the file writes them (PiKVM API 4.6), and as the form edits them. */
import { GPIO_COLORS, parseCell } from "../../../../protocol/kvmd/gpio-view.ts";

export type Color = (typeof GPIO_COLORS)[number];

export type Cell =
  | { readonly type: "label"; readonly text: string }
  | { readonly type: "input"; readonly channel: string; readonly color: Color }
  | {
      readonly type: "output";
      readonly channel: string;
      readonly text: string;
      readonly asks: boolean;
      readonly hides: boolean;
    };

/** Which channels there are, by what they are. */
export interface ChannelKinds {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
}

const channelOf = (text: string): string => (text.split("|", 1)[0] ?? "").trim();

/** As written: for none at all the server has a word of its own. */
function outputText(text: string): string {
  const parts = text.split("|");
  return parts
    .slice(parts.length > 2 ? 2 : 1)
    .join("|")
    .trim();
}

const colorOf = (name: string): Color => GPIO_COLORS.find((color) => color === name) ?? "green";

/** A channel that is not there, or not any more, is taken for an output. */
export function cellOf(text: string, { inputs }: ChannelKinds): Cell {
  const channel = channelOf(text);
  const isInput = inputs.has(channel);
  const names = { [channel]: true };
  const scheme = isInput ? { inputs: names, outputs: {} } : { inputs: {}, outputs: names };
  const item = parseCell(text, scheme);
  if (item === undefined || item.type === "label") {
    return { type: "label", text: item?.text ?? text };
  }
  if (item.type === "input") return { type: "input", channel, color: colorOf(item.color) };
  const { confirm: asks, hide: hides } = item;
  return { type: "output", channel, text: outputText(text), asks, hides };
}

function optionsOf({ asks, hides }: Extract<Cell, { readonly type: "output" }>): string {
  return [asks ? "confirm" : "", hides ? "hide" : ""].filter((word) => word !== "").join(",");
}

/** As short as the file permits. */
export function textOfCell(cell: Cell): string {
  if (cell.type === "label") return cell.text === "" ? "" : `#${cell.text}`;
  const { channel } = cell;
  if (cell.type === "input") return cell.color === "green" ? channel : `${channel}|${cell.color}`;
  const options = optionsOf(cell);
  if (options !== "") return `${channel}|${options}|${cell.text}`;
  if (cell.text === "") return channel;
  // A bar in the text would begin another part.
  return cell.text.includes("|") ? `${channel}||${cell.text}` : `${channel}|${cell.text}`;
}

/** The cell with its channel under another name. */
export function withChannel(text: string, before: string, after: string): string {
  return channelOf(text) === before ? text.replace(before, after) : text;
}
