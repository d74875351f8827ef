import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field, SelectField } from "../../components/field.tsx";
import { attempt } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { consoleText } from "../../i18n/console-text.ts";
import { post } from "../../lib/api.ts";
import { formatNumber } from "../../lib/format.ts";
import { video } from "./device-state.ts";
import { pictureDialog } from "./picture-menu.tsx";

interface RangeProps {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number) => void;
}

function RangeField({ label, value, unit, onChange, ...limits }: RangeProps): JSX.Element {
  return (
    <Field
      label={`${label}: ${formatNumber(value)} ${unit}`}
      control={(ids) => (
        <input
          {...ids}
          {...limits}
          type="range"
          class="range"
          value={value}
          onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
        />
      )}
    />
  );
}

interface Choice {
  readonly fps: number;
  readonly quality: number;
  readonly bitrate: number;
  readonly resolution: string;
}

function Ranges({
  choice: { fps, quality, bitrate, resolution },
  onChange,
}: {
  readonly choice: Choice;
  readonly onChange: (part: Partial<Choice>) => void;
}): JSX.Element {
  const { t } = consoleText;
  const { canQuality, canH264, canResolution, maxFps, resolutions } = video.value;
  return (
    <>
      <RangeField
        label={t("quality.fps")}
        unit={t("quality.perSecond")}
        value={fps}
        min={0}
        max={maxFps}
        step={1}
        onChange={(value) => onChange({ fps: value })}
      />
      {canQuality && (
        <RangeField
          label={t("quality.jpeg")}
          unit="%"
          value={quality}
          min={1}
          max={100}
          step={1}
          onChange={(value) => onChange({ quality: value })}
        />
      )}
      {canH264 && (
        <RangeField
          label={t("quality.bitrate")}
          unit="kbit/s"
          value={bitrate}
          min={25}
          max={20_000}
          step={25}
          onChange={(value) => onChange({ bitrate: value })}
        />
      )}
      {canResolution && (
        <SelectField
          label={t("quality.resolution")}
          value={resolution}
          options={resolutions.map((value) => ({ value, label: value }))}
          onChange={(value) => onChange({ resolution: value })}
        />
      )}
    </>
  );
}

async function apply({ fps, quality, bitrate, resolution }: Choice): Promise<void> {
  const { canQuality, canH264, canResolution } = video.value;
  await post("/api/streamer/set_params", {
    query: {
      desired_fps: fps,
      quality: canQuality ? quality : undefined,
      h264_bitrate: canH264 ? bitrate : undefined,
      resolution: canResolution ? resolution : undefined,
    },
  });
}

/** What the picture costs: less of everything is quicker on a slow line. */
export function QualityDialog(): JSX.Element {
  const { t } = consoleText;
  const [choice, setChoice] = useState<Choice>(video.value);
  const close = (): void => {
    pictureDialog.value = undefined;
  };
  return (
    <Dialog
      title={t("picture.quality")}
      onClose={close}
      actions={
        <>
          <Button onClick={() => attempt(() => post("/api/streamer/reset"))}>
            {t("picture.reset")}
          </Button>
          <Button kind="primary" onClick={() => attempt(() => apply(choice).then(close))}>
            {commonText.t("action.save")}
          </Button>
        </>
      }
    >
      <p class="muted">{t("quality.about")}</p>
      <Ranges choice={choice} onChange={(part) => setChoice({ ...choice, ...part })} />
    </Dialog>
  );
}
