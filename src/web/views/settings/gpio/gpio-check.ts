import { settingsText } from "../../../i18n/settings-text.ts";
import { isObject, shownOf, textOf } from "../../../lib/json.ts";
import { within } from "../form/problems.ts";
import type { Problems } from "../form/problems.ts";
import { cellOf } from "./cells.ts";
import { BUILT_IN_DRIVER, driverType } from "./driver-types.ts";
import type { DriverType } from "./driver-types.ts";
import { canPulse, canSwitch, isInput, kindsOf } from "./gpio-draft.ts";
import type { GpioDraft, Named } from "./gpio-draft.ts";

const NAME = /^[a-zA-Z_][a-zA-Z0-9_.-]{0,254}$/;
const MAC = /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/i;
/** What a press lasts at most when nothing is said about it, seconds. */
const USUAL_PULSE = 0.1;

type Found = readonly (readonly [string, string | undefined])[];

function nameProblem(list: readonly Named[], { name }: Named): string | undefined {
  const { t } = settingsText;
  if (!NAME.test(name)) return t("gpio.badName");
  return list.filter((other) => other.name === name).length > 1 ? t("gpio.twice") : undefined;
}

const driverNameOf = ({ value }: Named): string => textOf(value["driver"], BUILT_IN_DRIVER);

/** Undefined: there is no such driver; `unknown`: of a type that this page does not know. */
function typeOf({ drivers }: GpioDraft, channel: Named): DriverType | "unknown" | undefined {
  const wanted = driverNameOf(channel);
  if (wanted === BUILT_IN_DRIVER) return driverType("gpio");
  const driver = drivers.find(({ name }) => name === wanted);
  return driver === undefined ? undefined : (driverType(textOf(driver.value["type"])) ?? "unknown");
}

const pinOf = ({ value: { pin } }: Named): string => shownOf(pin).trim();

function pinProblem(draft: GpioDraft, channel: Named, hasLines: boolean): string | undefined {
  const { t } = settingsText;
  const pin = pinOf(channel);
  if (pin === "") return t("form.needed");
  if (!hasLines) return undefined;
  if (!/^\d+$/.test(pin)) return t("gpio.badPin");
  const place = `${driverNameOf(channel)} ${Number(pin)}`;
  const before = draft.channels.slice(0, draft.channels.indexOf(channel));
  const holder = before.find((other) => `${driverNameOf(other)} ${Number(pinOf(other))}` === place);
  return holder === undefined ? undefined : t("gpio.pinTaken", { name: holder.name });
}

function secondsProblem(value: unknown, least: number): string | undefined {
  const { t } = settingsText;
  if (value === undefined) return undefined;
  if (typeof value !== "number") return t("form.number");
  return value < least ? t("form.least", { min: least }) : undefined;
}

function pulseProblems({ value: { pulse } }: Named): Found {
  const { t } = settingsText;
  if (!isObject(pulse)) return [];
  const { delay, min_delay: min, max_delay: max } = pulse;
  const found: Found = [
    ["pulse/delay", secondsProblem(delay, 0)],
    ["pulse/min_delay", secondsProblem(min, 0)],
    ["pulse/max_delay", secondsProblem(max, 0)],
  ];
  if (found.some(([, problem]) => problem !== undefined)) return found;
  const numbers = [delay, min, max].map((one) => (typeof one === "number" ? one : USUAL_PULSE));
  const [length = 0, least = 0, most = 0] = numbers;
  if (max !== undefined && least > most) return [["pulse/max_delay", t("gpio.range")]];
  return length > Math.max(least, most) ? [["pulse/delay", t("gpio.cut")]] : [];
}

function channelProblems(draft: GpioDraft, channel: Named): Found {
  const { t } = settingsText;
  const { value } = channel;
  const type = typeOf(draft, channel);
  const hasMode =
    type === undefined ||
    type === "unknown" ||
    type.modes.includes(isInput(channel) ? "input" : "output");
  const hasLines = type !== undefined && type !== "unknown" && type.hasLines;
  const isConstant = !isInput(channel) && !canSwitch(channel) && !canPulse(channel);
  return [
    ["name", nameProblem(draft.channels, channel)],
    ["driver", type === undefined ? t("gpio.noDriver") : undefined],
    ["mode", hasMode ? undefined : t("gpio.noMode")],
    ["pin", pinProblem(draft, channel, hasLines)],
    ["debounce", secondsProblem(value["debounce"], 0)],
    ["busy_delay", secondsProblem(value["busy_delay"], 0.1)],
    ["can", isConstant ? t("gpio.constant") : undefined],
    ...(isInput(channel) ? [] : pulseProblems(channel)),
  ];
}

function driverProblems({ drivers }: GpioDraft, driver: Named): Found {
  const { t } = settingsText;
  const { type, mac, cmd } = driver.value;
  const known = driverType(textOf(type));
  const numbers = (known?.options ?? []).filter(({ kind }) => kind === "number");
  const needsCommand = type === "cmd" || type === "cmdret";
  const hasCommand = Array.isArray(cmd) && cmd.length > 0 && cmd[0] !== "";
  return [
    ["name", nameProblem(drivers, driver)],
    ["mac", type === "wol" && !MAC.test(textOf(mac).trim()) ? t("form.needed") : undefined],
    ["cmd", needsCommand && !hasCommand ? t("form.needed") : undefined],
    ...numbers.map(({ key }) => [key, secondsProblem(driver.value[key], 0.1)] as const),
  ];
}

function cellProblem(draft: GpioDraft, text: string): string | undefined {
  const kinds = kindsOf(draft);
  const cell = cellOf(text, kinds);
  if (cell.type === "label") return undefined;
  const isThere = kinds.inputs.has(cell.channel) || kinds.outputs.has(cell.channel);
  return isThere ? undefined : settingsText.t("gpio.noChannel");
}

/** Nothing in a title can be used. */
function titleProblems({ title, channels }: GpioDraft): Found {
  if (typeof title === "string") return [];
  const kinds = kindsOf({ channels });
  return title.map((text, index) => {
    const cell = cellOf(text, kinds);
    const isWrong = cell.type !== "label" && !kinds.inputs.has(cell.channel);
    return [`title/${index}`, isWrong ? settingsText.t("gpio.noLamp") : undefined] as const;
  });
}

/** Of each item, with its place before those within it. */
function listed<T>(place: string, items: readonly T[], find: (item: T) => Found): Found {
  return items.flatMap((item, index) =>
    find(item).map(([key, problem]) => [within(within(place, index), key), problem] as const),
  );
}

/** What cannot work: `channels/0/pin`, `drivers/1/mac`, `table/2/0`, `title/1`. */
export function gpioProblems(draft: GpioDraft): Problems {
  const found: Found = [
    ...listed("channels", draft.channels, (channel) => channelProblems(draft, channel)),
    ...listed("drivers", draft.drivers, (driver) => driverProblems(draft, driver)),
    ...titleProblems(draft),
    ...listed("table", draft.table, (row) =>
      row.map((cell, index) => [String(index), cellProblem(draft, cell)] as const),
    ),
  ];
  return new Map(
    found.flatMap(([place, problem]) => (problem === undefined ? [] : [[place, problem] as const])),
  );
}

/** The problems within a place, by what stands in it. */
export function problemsWithin(problems: Problems, place: string): Problems {
  const start = `${place}/`;
  const inside = [...problems].filter(([key]) => key.startsWith(start));
  return new Map(inside.map(([key, problem]) => [key.slice(start.length), problem]));
}
