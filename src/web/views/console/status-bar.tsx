import type { JSX } from "preact";
import { Badge, Dot } from "../../components/status.tsx";
import type { Tone } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { formatNumber } from "../../lib/format.ts";
import { linkState, roundTripMs } from "./device-link.ts";
import { atx, hid, video } from "./device-state.ts";
import { mayControl } from "./input/input.ts";
import { LEAVE_KEYS, canLockKeyboard, capture } from "./picture/capture.ts";
import { picture } from "./picture/picture-feed.ts";

const LINK_TONES: Readonly<Record<typeof linkState.value, Tone>> = {
  open: "ok",
  connecting: "warn",
  waiting: "bad",
  closed: "bad",
};

function Figure({
  title,
  value,
  wide = false,
}: {
  readonly title: string;
  readonly value: string;
  readonly wide?: boolean;
}): JSX.Element {
  return (
    <span class={wide ? "figure wide" : "figure"} title={title}>
      <span class="unseen">{title}</span>
      {value}
    </span>
  );
}

function PictureFigures(): JSX.Element {
  const { t } = consoleText;
  const { width, height, fps, roundTripMs: pictureMs, mode } = picture;
  const isShown = video.value.condition === "ok" && picture.isThere.value;
  const delay = pictureMs.value ?? roundTripMs.value;
  return (
    <>
      <Figure
        wide
        title={t("status.size")}
        value={isShown ? `${width.value}×${height.value}` : "–"}
      />
      <Figure
        title={t("status.fps")}
        value={t("status.fpsValue", { n: isShown ? formatNumber(fps.value) : "–" })}
      />
      <Figure
        title={t("status.delay")}
        value={delay === undefined ? "– ms" : `${formatNumber(delay)} ms`}
      />
      <Figure title={t("picture.format")} value={mode.value === "h264" ? "H.264" : "MJPEG"} />
    </>
  );
}

/** Which lights of the computer's keyboard are on. */
function KeyboardLights(): JSX.Element {
  const { leds, isKeyboardOnline } = hid.value;
  const { t } = consoleText;
  if (!isKeyboardOnline) {
    // Nobody expects a computer that is off to see one.
    const isOff = atx.value.isEnabled && !atx.value.power;
    return <Badge tone={isOff ? undefined : "bad"}>{t("keyboard.offline")}</Badge>;
  }
  return (
    <span class="row lights">
      {(["num", "caps", "scroll"] as const).map((name) => (
        <span
          key={name}
          class={leds[name] ? "light on" : "light"}
          title={t(`led.${name}`)}
          role="img"
          aria-label={`${t(`led.${name}`)}: ${t(leds[name] ? "gpio.on" : "gpio.off")}`}
        >
          {t(`led.${name}.short`)}
        </span>
      ))}
    </span>
  );
}

/** Who gets the keys now. */
function CaptureState(): JSX.Element {
  const { t } = consoleText;
  if (linkState.value !== "open") return <Badge tone="bad">{commonText.t("link.closed")}</Badge>;
  if (!mayControl()) return <Badge>{t("status.watching")}</Badge>;
  if (!capture.isFocused.value) return <Badge>{t("status.clickToType")}</Badge>;
  const isWhole = capture.isFullscreen.value && canLockKeyboard();
  return (
    <>
      <span class="leave muted small">
        <kbd>{LEAVE_KEYS}</kbd> {t("status.leave")}
      </span>
      <Badge tone="ok">{t(isWhole ? "status.allKeys" : "status.typing")}</Badge>
    </>
  );
}

/** How to come back, where there is no bar that could say it; it goes by itself. */
export function LeaveSign(): JSX.Element | null {
  if (!capture.isFocused.value || !mayControl()) return null;
  return (
    <div class="leave-sign">
      <kbd>{LEAVE_KEYS}</kbd> {consoleText.t("status.leave")}
    </div>
  );
}

/** Figures that change often, each in a place of its own size. */
export function StatusBar(): JSX.Element {
  const { isEnabled, power, hdd } = atx.value;
  const { t } = consoleText;
  const link = commonText.t(`link.${linkState.value}`);
  return (
    <footer class="status-bar">
      <span class="row" role="status">
        <Dot tone={LINK_TONES[linkState.value]} />
        <span class="link-text cut" title={link}>
          {link}
        </span>
      </span>
      {isEnabled && (
        <span class="row lights">
          <Dot tone={power ? "ok" : undefined} label={t(power ? "power.isOn" : "power.isOff")} />
          <Dot
            tone={hdd ? "warn" : undefined}
            label={t(hdd ? "power.diskBusy" : "power.diskIdle")}
          />
        </span>
      )}
      <PictureFigures />
      <span class="grow" />
      {hid.value.isEnabled && <KeyboardLights />}
      <CaptureState />
    </footer>
  );
}
