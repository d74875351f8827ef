import type { JSX } from "preact";
import { Button } from "../../components/button.tsx";
import { Menu, MenuItem } from "../../components/menu.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { may } from "../../lib/session.ts";
import { panel } from "./console-settings.ts";
import type { Panel } from "./console-settings.ts";
import { health, hid, info, msd } from "./device-state.ts";
import { gpio } from "./gpio/gpio-model.ts";
import { KeyboardMenu } from "./keyboard-menu.tsx";
import { MouseMenu } from "./mouse-menu.tsx";
import { PictureMenu } from "./picture-menu.tsx";
import { PowerMenu } from "./power-menu.tsx";

function togglePanel(name: Panel): void {
  panel.value = panel.value === name ? undefined : name;
}

function PanelButton({
  name,
  icon,
  badge,
}: {
  readonly name: Panel;
  readonly icon: "disc" | "zap" | "chart" | "alert";
  readonly badge?: boolean;
}): JSX.Element {
  const title = consoleText.t(`panel.${name}`);
  return (
    <Button
      kind="ghost"
      icon={icon}
      label={title}
      pressed={panel.value === name}
      class={badge === true ? "tool badged" : "tool"}
      onClick={() => togglePanel(name)}
    >
      <span class="tool-text">{title}</span>
    </Button>
  );
}

function ToolsMenu(): JSX.Element | null {
  const { t } = consoleText;
  const hasTerminal = may("admin") && info.value.hasTerminal;
  if (!may("operator")) return null;
  return (
    <Menu label={t("tools")} icon="more" kind="ghost" class="tool" align="end">
      <MenuItem icon="log" href="/console/log">
        {t("page.log")}
      </MenuItem>
      {hasTerminal && (
        <MenuItem icon="terminal" href="/console/terminal">
          {t("page.terminal")}
        </MenuItem>
      )}
    </Menu>
  );
}

/** Arrows move along the bar. */
function moveAlong(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const bar = event.currentTarget;
  if (step === undefined || !(bar instanceof HTMLElement)) return;
  const buttons = [...bar.querySelectorAll<HTMLElement>(".button:not(:disabled)")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (at === -1) return;
  event.preventDefault();
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

/** Everything that can be done with the computer. What this device or account cannot do is not there. */
export function Toolbar(): JSX.Element {
  const { now } = health.value;
  const canControl = may("operator");
  return (
    <div class="toolbar" role="toolbar" aria-label={consoleText.t("toolbar")} onKeyDown={moveAlong}>
      <PowerMenu />
      {canControl && hid.value.isEnabled && <KeyboardMenu />}
      {canControl && hid.value.isEnabled && <MouseMenu />}
      {msd.value.isEnabled && <PanelButton name="media" icon="disc" />}
      {gpio.value.rows.length > 0 && <PanelButton name="gpio" icon="zap" />}
      <PictureMenu />
      <PanelButton name="health" icon={now.length > 0 ? "alert" : "chart"} badge={now.length > 0} />
      <ToolsMenu />
    </div>
  );
}
