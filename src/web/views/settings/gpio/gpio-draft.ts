import type { SettingView } from "../../../../protocol/native/settings.ts";
import { parseView } from "../../../../protocol/kvmd/gpio-view.ts";
import { isObject, listOf, objectOf, textsOf } from "../../../lib/json.ts";
import type { Json } from "../../../lib/json.ts";
import { gpioDrawing } from "../../console/gpio/gpio-drawing.ts";
import type { GpioDrawing } from "../../console/gpio/gpio-drawing.ts";
import { withChannel } from "./cells.ts";
import type { ChannelKinds } from "./cells.ts";

/** A driver or a channel. */
export interface Named {
  readonly name: string;
  readonly value: Json;
}

/** The section `device.gpio` while it is edited; in the order of the file. */
export interface GpioDraft {
  readonly drivers: readonly Named[];
  readonly channels: readonly Named[];
  readonly title: string | readonly string[];
  /** Cells as the file writes them; an empty row is a line. */
  readonly table: readonly (readonly string[])[];
}

const PATHS = {
  drivers: "device.gpio.drivers",
  channels: "device.gpio.scheme",
  title: "device.gpio.view.header.title",
  table: "device.gpio.view.table",
} as const;

const namedOf = (value: unknown): readonly Named[] =>
  Object.entries(objectOf(value)).map(([name, item]) => ({ name, value: objectOf(item) }));

export function draftOf(settings: readonly SettingView[]): GpioDraft {
  const values = new Map(settings.map(({ path, value }) => [path, value]));
  const title = values.get(PATHS.title);
  return {
    drivers: namedOf(values.get(PATHS.drivers)),
    channels: namedOf(values.get(PATHS.channels)),
    title: typeof title === "string" ? title : textsOf(title),
    table: listOf(values.get(PATHS.table)).map(textsOf),
  };
}

/** Whether the environment or the command line beats what would be written. */
export function isFixed(settings: readonly SettingView[]): boolean {
  const paths: readonly string[] = Object.values(PATHS);
  return settings.some((setting) => setting.isFixed && paths.includes(setting.path));
}

const recordOf = (list: readonly Named[]): Json =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

const valuesOf = ({ drivers, channels, title, table }: GpioDraft): Json => ({
  [PATHS.drivers]: recordOf(drivers),
  [PATHS.channels]: recordOf(channels),
  [PATHS.title]: title,
  [PATHS.table]: table,
});

/** By path, only what is different; order counts. */
export function changesOf(before: GpioDraft, after: GpioDraft): Json {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const changed = Object.entries(now).filter(
    ([path, value]) => JSON.stringify(value) !== JSON.stringify(old[path]),
  );
  return Object.fromEntries(changed);
}

export const isInput = ({ value }: Named): boolean => value["mode"] === "input";

export const canPulse = ({ value: { pulse } }: Named): boolean =>
  pulse !== false && !(isObject(pulse) && pulse["delay"] === 0);

export const canSwitch = ({ value }: Named): boolean => value["switch"] !== false;

export function kindsOf({ channels }: Pick<GpioDraft, "channels">): ChannelKinds {
  const names = (list: readonly Named[]): ReadonlySet<string> =>
    new Set(list.map(({ name }) => name));
  return {
    inputs: names(channels.filter(isInput)),
    outputs: names(channels.filter((channel) => !isInput(channel))),
  };
}

/** The draft with a channel under another name, also in the menu. */
export function renamed(draft: GpioDraft, index: number, name: string): GpioDraft {
  const before = draft.channels[index];
  if (before === undefined) return draft;
  const channels = draft.channels.with(index, { ...before, name });
  // While two have one name nobody knows which of them is meant.
  const isAlone = draft.channels.filter((channel) => channel.name === before.name).length === 1;
  if (before.name === "" || !isAlone) return { ...draft, channels };
  const rename = (cell: string): string => withChannel(cell, before.name, name);
  const { title } = draft;
  return {
    ...draft,
    channels,
    title: typeof title === "string" ? title : title.map(rename),
    table: draft.table.map((row) => row.map(rename)),
  };
}

/** What the console would show; `on` are the channels that are on. */
export function drawingOf(draft: GpioDraft, on: ReadonlySet<string>): GpioDrawing {
  const inputs = draft.channels.filter(isInput);
  const outputs = draft.channels.filter(
    (channel) => !isInput(channel) && (canSwitch(channel) || canPulse(channel)),
  );
  const scheme = {
    inputs: Object.fromEntries(inputs.map(({ name }) => [name, {}])),
    outputs: Object.fromEntries(
      outputs.map((channel) => [
        channel.name,
        { switch: canSwitch(channel), pulse: { delay: canPulse(channel) ? 1 : 0 } },
      ]),
    ),
  };
  const stateOf = ({ name }: Named): [string, Json] => [
    name,
    { online: true, busy: false, state: on.has(name) },
  ];
  const state = {
    inputs: Object.fromEntries(inputs.map(stateOf)),
    outputs: Object.fromEntries(outputs.map(stateOf)),
  };
  const view = parseView({ header: { title: draft.title }, table: draft.table }, scheme);
  return gpioDrawing({ scheme, view }, state);
}
