import { signal } from "@preact/signals";
import { put } from "../../lib/put.ts";
import type { JSX } from "preact";
import { Menu, MenuItem, MenuTitle } from "../../components/menu.tsx";
import { attempt } from "../../components/toast.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { post } from "../../lib/api.ts";
import { ownShortcuts, showsKeyboard, swapsIsoKeys } from "./console-settings.ts";
import type { Shortcut } from "./console-settings.ts";
import { hid } from "./device-state.ts";
import { isMac, tapTogether } from "./input/input.ts";
import { keyTitle } from "./input/key-titles.ts";
import { LEAVE_KEYS, capture } from "./picture/capture.ts";

/** Which dialog of the keyboard is open. */
export const keyboardDialog = signal<"paste" | "shortcuts" | undefined>(undefined);

const USUAL: readonly (readonly string[])[] = [
  ["ControlLeft", "AltLeft", "Delete"],
  ["AltLeft", "Tab"],
  ["AltLeft", "F4"],
  ["MetaLeft"],
  ["MetaLeft", "KeyR"],
  ["ControlLeft", "AltLeft", "F1"],
  ["ControlLeft", "AltLeft", "F2"],
  ["PrintScreen"],
];

/** `Ctrl + Alt + Del` */
export const titleOf = (keys: readonly string[]): string => keys.map(keyTitle).join(" + ");

function send({ keys }: Shortcut): void {
  tapTogether(keys);
  // After the menu has given the focus back to its button.
  setTimeout(() => capture.focus());
}

function ShortcutItems(): JSX.Element {
  const { t } = consoleText;
  const all = [...USUAL.map((keys): Shortcut => ({ name: "", keys })), ...ownShortcuts.value];
  return (
    <>
      <MenuTitle>{t("keyboard.shortcuts")}</MenuTitle>
      {all.map((shortcut, index) => (
        <MenuItem key={index} onSelect={() => send(shortcut)}>
          {shortcut.name === "" ? titleOf(shortcut.keys) : shortcut.name}
        </MenuItem>
      ))}
      <MenuItem icon="edit" onSelect={() => put(keyboardDialog, "shortcuts")}>
        {t("keyboard.own")}
      </MenuItem>
    </>
  );
}

function toggle(choice: typeof showsKeyboard): void {
  choice.value = choice.value === "on" ? "off" : "on";
}

/** Typing that is more than pressing a key. */
export function KeyboardMenu(): JSX.Element {
  const { t } = consoleText;
  const { isOnline } = hid.value;
  return (
    <Menu
      label={t("keyboard")}
      icon="keyboard"
      kind="ghost"
      class="tool"
      text={<span class="tool-text">{t("keyboard")}</span>}
    >
      {!isOnline && <MenuTitle>{t("keyboard.offline")}</MenuTitle>}
      <MenuItem icon="paste" onSelect={() => put(keyboardDialog, "paste")}>
        {t("paste")}
      </MenuItem>
      <MenuItem checked={showsKeyboard.value === "on"} onSelect={() => toggle(showsKeyboard)}>
        {t("keyboard.onScreen")}
      </MenuItem>
      <ShortcutItems />
      <hr />
      {isMac && (
        <MenuItem checked={swapsIsoKeys.value === "on"} onSelect={() => toggle(swapsIsoKeys)}>
          {t("keyboard.swapIso")}
        </MenuItem>
      )}
      <MenuItem icon="refresh" onSelect={() => attempt(() => post("/api/hid/reset"))}>
        {t("keyboard.reset")}
      </MenuItem>
      <MenuTitle>{`${LEAVE_KEYS} ${t("status.leave")}`}</MenuTitle>
    </Menu>
  );
}
