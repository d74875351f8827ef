import type { SettingView } from "../../../protocol/native/settings.ts";

/** Parts of the configuration page; settings that stand in none of the sections are in the first. */
const GROUPS = [
  "general",
  "log",
  "http",
  "auth",
  "device",
  "device.hid",
  "device.atx",
  "device.gpio",
  "device.msd",
  "device.gadget",
  "device.info",
  "device.streamer",
  "device.log",
  "device.metrics",
  "device.switch",
  "device.terminal",
  "device.web",
  "proxy",
  "agent",
  "hub",
] as const;
export type GroupName = (typeof GROUPS)[number];

/** The longest group that the path is below. */
export function groupOf(path: string): GroupName {
  const below = GROUPS.filter((group) => path.startsWith(`${group}.`));
  return below.at(-1) ?? "general";
}

/** In the order of the file. */
export function groupsOf(
  settings: readonly SettingView[],
): ReadonlyMap<GroupName, readonly SettingView[]> {
  const groups = new Map<GroupName, SettingView[]>();
  for (const setting of settings) {
    const group = groupOf(setting.path);
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return groups;
}

/** Those that have a page of their own. */
export const isSwitches = ({ path }: Pick<SettingView, "path">): boolean =>
  /^device\.gpio\.(?:drivers|scheme|view)/.test(path);
