import { signal } from "@preact/signals";
import { put } from "../../lib/put.ts";
import type { JSX } from "preact";
import { Menu, MenuItem, MenuTitle } from "../../components/menu.tsx";
import { attempt, toast } from "../../components/toast.tsx";
import { consoleText } from "../../i18n/console-text.ts";
import { may } from "../../lib/session.ts";
import { FITS, VIDEO_CHOICES, fit, isBare, videoChoice } from "./console-settings.ts";
import { info, ocr, video } from "./device-state.ts";
import { capture } from "./picture/capture.ts";
import { hasWebCodecs } from "./picture/picture-feed.ts";

/** Which dialog of the picture is open. */
export const pictureDialog = signal<"quality" | undefined>(undefined);
/** The part of the picture whose text is wanted is being chosen. */
export const isChoosingText = signal(false);

function saveSnapshot(): void {
  const link = document.createElement("a");
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  link.href = "/api/streamer/snapshot?allow_offline=1";
  link.download = `${info.value.name || "screen"}-${time}.jpg`;
  link.click();
  toast(consoleText.t("picture.saved"), "ok");
}

/** Afterwards the picture has the keys again. */
function toggleBare(): void {
  isBare.value = !isBare.value;
  setTimeout(() => capture.focus());
}

function goFullscreen(): void {
  if (!document.fullscreenEnabled) {
    isBare.value = true;
    return;
  }
  attempt(() => capture.toggleFullscreen());
}

function VideoItems(): JSX.Element {
  const { t } = consoleText;
  return (
    <>
      <MenuTitle>{t("picture.format")}</MenuTitle>
      {VIDEO_CHOICES.map((name) => (
        <MenuItem
          key={name}
          checked={videoChoice.value === name}
          disabled={name === "h264" && !hasWebCodecs()}
          onSelect={() => put(videoChoice, name)}
        >
          {t(`picture.format.${name}`)}
        </MenuItem>
      ))}
    </>
  );
}

/** How the picture is shown, and what can be taken from it. */
export function PictureMenu(): JSX.Element {
  const { t } = consoleText;
  return (
    <Menu
      label={t("picture")}
      icon="monitor"
      kind="ghost"
      class="tool"
      text={<span class="tool-text">{t("picture")}</span>}
    >
      {FITS.map((name) => (
        <MenuItem key={name} checked={fit.value === name} onSelect={() => put(fit, name)}>
          {t(`picture.${name}`)}
        </MenuItem>
      ))}
      <MenuItem checked={isBare.value} onSelect={toggleBare}>
        {t("picture.fullTab")}
      </MenuItem>
      <MenuItem icon="fullscreen" onSelect={goFullscreen}>
        {t(capture.isFullscreen.value ? "picture.leaveFullscreen" : "picture.fullscreen")}
      </MenuItem>
      <hr />
      <MenuItem icon="camera" disabled={video.value.condition !== "ok"} onSelect={saveSnapshot}>
        {t("picture.snapshot")}
      </MenuItem>
      {ocr.value.isEnabled && (
        <MenuItem
          icon="text"
          disabled={video.value.condition !== "ok"}
          onSelect={() => put(isChoosingText, true)}
        >
          {t("ocr")}
        </MenuItem>
      )}
      <hr />
      {video.value.canH264 && <VideoItems />}
      {may("operator") && (
        <MenuItem icon="settings" onSelect={() => put(pictureDialog, "quality")}>
          {t("picture.quality")}
        </MenuItem>
      )}
    </Menu>
  );
}
