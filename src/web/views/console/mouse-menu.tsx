import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { Menu, MenuItem, MenuTitle } from "../../components/menu.tsx";
import { attempt } from "../../components/toast.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { post } from "../../lib/api.ts";
import { reversesWheel, showsPointer } from "./console-settings.ts";
import { hid } from "./device-state.ts";
import { capture } from "./picture/capture.ts";

const OUTPUTS = ["usb", "usb_rel", "usb_win98", "ps2", "disabled"] as const;

const isOutput = (name: string): name is (typeof OUTPUTS)[number] =>
  OUTPUTS.some((output) => output === name);

function set(query: Readonly<Record<string, string | boolean>>): void {
  attempt(() => post("/api/hid/set_params", { query }));
}

function toggle(choice: Signal<"off" | "on">): void {
  choice.value = choice.value === "on" ? "off" : "on";
}

/** What kind of mouse the computer sees, and how this one behaves. */
export function MouseMenu(): JSX.Element {
  const { t } = consoleText;
  const { isAbsolute, mouseOutput, mouseOutputs, hasJiggler, isJiggling } = hid.value;
  return (
    <Menu
      label={t("mouse")}
      icon="mouse"
      kind="ghost"
      class="tool"
      text={<span class="tool-text">{t("mouse")}</span>}
    >
      <MenuTitle>{t("mouse.kind")}</MenuTitle>
      {mouseOutputs.filter(isOutput).map((name) => (
        <MenuItem
          key={name}
          checked={name === mouseOutput}
          onSelect={() => set({ mouse_output: name })}
        >
          {t(`mouse.${name}`)}
        </MenuItem>
      ))}
      {!isAbsolute && (
        <MenuItem icon="lock" onSelect={() => void capture.lockPointer()}>
          {t("mouse.capture")}
        </MenuItem>
      )}
      <hr />
      <MenuItem checked={reversesWheel.value === "on"} onSelect={() => toggle(reversesWheel)}>
        {t("mouse.reverse")}
      </MenuItem>
      <MenuItem checked={showsPointer.value === "on"} onSelect={() => toggle(showsPointer)}>
        {t("mouse.show")}
      </MenuItem>
      {hasJiggler && (
        <MenuItem checked={isJiggling} onSelect={() => set({ jiggler: !isJiggling })}>
          {t("mouse.jiggler")}
        </MenuItem>
      )}
    </Menu>
  );
}
