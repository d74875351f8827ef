import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { Icon } from "../../../components/icons.tsx";
import type { IconName } from "../../../components/icons.tsx";
import { attempt } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { consoleText } from "../../../i18n/console-text.ts";
import { post } from "../../../lib/api.ts";
import { linkState } from "../device-link.ts";
import { atx, video } from "../device-state.ts";
import type { Condition } from "../device-state.ts";
import { mayControl } from "../input/input.ts";

const ICONS: Readonly<Partial<Record<Condition, IconName>>> = {
  starting: "spinner",
  stopped: "spinner",
  ok: "spinner",
  unknown: "spinner",
  "computer-off": "power",
  "no-signal": "link",
};
/** Of these the device knows more than the page can say. */
const WITH_DETAIL = new Set<Condition>(["no-device", "no-program", "failed"]);

/** Why there is no picture, and what to do about it. */
export function VideoNotice(): JSX.Element {
  const { t } = consoleText;
  const { condition, message } = video.value;
  if (linkState.value !== "open") {
    return (
      <div class="video-notice" role="status">
        <Icon name="spinner" spins />
        <p>{commonText.t(linkState.value === "waiting" ? "link.waiting" : "link.connecting")}</p>
      </div>
    );
  }
  const icon = ICONS[condition] ?? "alert";
  const canSwitchOn = condition === "computer-off" && atx.value.isEnabled && mayControl();
  return (
    <div class="video-notice" role="status">
      <Icon name={icon} spins={icon === "spinner"} />
      <p>{t(`video.${condition}`)}</p>
      {WITH_DETAIL.has(condition) && message !== "" && (
        <p class="small">{commonText.t("error.said", { detail: message })}</p>
      )}
      {canSwitchOn && (
        <Button
          kind="primary"
          icon="power"
          busy={atx.value.isBusy}
          onClick={() => attempt(() => post("/api/atx/power", { query: { action: "on" } }))}
        >
          {t("power.on")}
        </Button>
      )}
    </div>
  );
}
