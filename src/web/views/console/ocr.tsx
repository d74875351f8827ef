import { signal } from "@preact/signals";
import { put } from "../../lib/put.ts";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { attempt, toast } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { request } from "../../lib/api.ts";
import { copyText } from "../../lib/clipboard.ts";
import { ocr } from "./device-state.ts";
import { containedBox } from "./input/pointer-math.ts";
import type { Box } from "./input/pointer-math.ts";
import { isChoosingText } from "./picture-menu.tsx";

/** What was read; undefined: nothing yet. */
const recognized = signal<string | undefined>(undefined);
const isReading = signal(false);

interface Area {
  readonly x: number;
  readonly y: number;
  readonly toX: number;
  readonly toY: number;
}

/** The area in pixels of the picture; nothing for one that is too small: then all of it is meant. */
function queryOf(
  area: Area | undefined,
  box: Box,
  canvas: HTMLCanvasElement,
): Record<string, number> {
  if (area === undefined) return {};
  const [left, right] = [Math.min(area.x, area.toX), Math.max(area.x, area.toX)];
  const [top, bottom] = [Math.min(area.y, area.toY), Math.max(area.y, area.toY)];
  if (right - left < 8 || bottom - top < 8) return {};
  const scale = canvas.width / box.width;
  const along = (value: number, size: number): number =>
    Math.max(0, Math.min(size - 1, Math.round(value * scale)));
  return {
    ocr_left: along(left - box.left, canvas.width),
    ocr_right: along(right - box.left, canvas.width),
    ocr_top: along(top - box.top, canvas.height),
    ocr_bottom: along(bottom - box.top, canvas.height),
  };
}

async function read(area: Area | undefined): Promise<void> {
  const canvas = document.querySelector<HTMLCanvasElement>(".stage canvas");
  if (canvas === null) return;
  const box = containedBox(canvas.getBoundingClientRect(), canvas.width, canvas.height);
  const query = queryOf(area, box, canvas);
  isReading.value = true;
  try {
    const response = await request("GET", "/api/streamer/snapshot", {
      query: { ocr: true, ocr_langs: ocr.value.usual.join(","), ...query },
    });
    recognized.value = (await response.text()).trim();
  } finally {
    isReading.value = false;
    isChoosingText.value = false;
  }
}

/** Over the picture: drag around the text that is wanted. */
export function TextChooser(): JSX.Element | null {
  const { t } = consoleText;
  const [area, setArea] = useState<Area | undefined>(undefined);
  const frame = useRef<HTMLDivElement>(null);
  if (!isChoosingText.value) return null;
  const from = frame.current?.getBoundingClientRect();
  return (
    <div
      ref={frame}
      class="chooser"
      onPointerDown={({ clientX: x, clientY: y, target }) => {
        if (target === frame.current) setArea({ x, y, toX: x, toY: y });
      }}
      onPointerMove={({ clientX: toX, clientY: toY }) => {
        if (area !== undefined) setArea({ ...area, toX, toY });
      }}
      onPointerUp={() => {
        if (area !== undefined) attempt(() => read(area));
        setArea(undefined);
      }}
    >
      {area !== undefined && from !== undefined && (
        <div
          class="chosen"
          style={{
            left: `${Math.min(area.x, area.toX) - from.left}px`,
            top: `${Math.min(area.y, area.toY) - from.top}px`,
            width: `${Math.abs(area.toX - area.x)}px`,
            height: `${Math.abs(area.toY - area.y)}px`,
          }}
        />
      )}
      <div class="chooser-bar" role="group" aria-label={t("ocr")}>
        <span>{t("ocr.choose")}</span>
        <Button busy={isReading.value} autofocus onClick={() => attempt(() => read(undefined))}>
          {t("ocr.all")}
        </Button>
        <Button onClick={() => put(isChoosingText, false)}>{commonText.t("action.cancel")}</Button>
      </div>
    </div>
  );
}

/** The text that was read, to be checked and copied. */
export function RecognizedText(): JSX.Element | null {
  const { t } = consoleText;
  const text = recognized.value;
  if (text === undefined) return null;
  const copy = async (): Promise<void> => {
    await copyText(text);
    toast(commonText.t("action.copied"), "ok");
    recognized.value = undefined;
  };
  return (
    <Dialog
      title={t("ocr")}
      wide
      onClose={() => put(recognized, undefined)}
      actions={
        <Button kind="primary" icon="copy" disabled={text === ""} onClick={() => attempt(copy)}>
          {commonText.t("action.copy")}
        </Button>
      }
    >
      {text === "" ? (
        <p>{t("ocr.nothing")}</p>
      ) : (
        <TextField
          label={t("ocr.text")}
          value={text}
          rows={12}
          onInput={(value) => put(recognized, value)}
        />
      )}
    </Dialog>
  );
}
