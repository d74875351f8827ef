import type { JSX } from "preact";
import { confirm } from "../../components/confirm.tsx";
import { Menu, MenuItem, MenuTitle } from "../../components/menu.tsx";
import { attempt, toast } from "../../components/toast.tsx";
import { Dot } from "../../components/status.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { post } from "../../lib/api.ts";
import { atx } from "./device-state.ts";
import type { AtxButton } from "./device-state.ts";
import { mayControl } from "./input/input.ts";

type Act = "on" | "press" | "hold" | "reset";

const BUTTONS: Readonly<Record<Act, AtxButton>> = {
  on: "power",
  press: "power",
  hold: "power_long",
  reset: "reset",
};

/** Presses a button of the computer; what may lose work is asked about first. */
async function press(act: Act): Promise<void> {
  const { t } = consoleText;
  if (act !== "on") {
    const isSure = await confirm({
      title: t(`power.${act}`),
      text: t(`power.${act}.warning`),
      action: t(`power.${act}`),
      isDangerous: act !== "press",
    });
    if (!isSure) return;
  }
  await post("/api/atx/click", { query: { button: BUTTONS[act] } });
  toast(t(`power.${act}.done`), "ok");
}

/** The buttons on the front of the computer, and its lights. */
export function PowerMenu(): JSX.Element | null {
  const { t } = consoleText;
  const { isEnabled, isBusy, power, hdd } = atx.value;
  if (!isEnabled) return null;
  const isOff = isBusy || !mayControl();
  const state = t(power ? "power.isOn" : "power.isOff");
  return (
    <Menu
      label={`${t("power")}: ${state}`}
      kind="ghost"
      class="tool"
      icon="power"
      text={
        <>
          <Dot tone={power ? "ok" : undefined} />
          <span class="tool-text">{t("power")}</span>
        </>
      }
    >
      <MenuTitle>{`${state} · ${t(hdd ? "power.diskBusy" : "power.diskIdle")}`}</MenuTitle>
      {power ? (
        <MenuItem icon="power" disabled={isOff} onSelect={() => attempt(() => press("press"))}>
          {t("power.press")}
        </MenuItem>
      ) : (
        <MenuItem icon="power" disabled={isOff} onSelect={() => attempt(() => press("on"))}>
          {t("power.on")}
        </MenuItem>
      )}
      <hr />
      <MenuItem icon="zap" danger disabled={isOff} onSelect={() => attempt(() => press("hold"))}>
        {t("power.hold")}
      </MenuItem>
      <MenuItem
        icon="refresh"
        danger
        disabled={isOff}
        onSelect={() => attempt(() => press("reset"))}
      >
        {t("power.reset")}
      </MenuItem>
      {isBusy && <MenuTitle>{t("power.busy")}</MenuTitle>}
    </Menu>
  );
}
