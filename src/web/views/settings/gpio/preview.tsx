import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { settingsText } from "../../../i18n/settings-text.ts";
import { GpioRows, GpioTitleItems } from "../../console/gpio/gpio-rows.tsx";
import { drawingOf } from "./gpio-draft.ts";
import type { GpioDraft } from "./gpio-draft.ts";

/** The panel as the console will show it, drawn by the same code; its switches work on nothing but themselves. */
export function Preview({ draft }: { readonly draft: GpioDraft }): JSX.Element {
  const { t } = settingsText;
  const on = useSignal<ReadonlySet<string>>(new Set());
  const { title, rows } = drawingOf(draft, on.value);
  const set = (channel: string, isOn: boolean): void => {
    const others = [...on.value].filter((name) => name !== channel);
    on.value = new Set(isOn ? [...others, channel] : others);
  };
  return (
    <section class="card stack gpio-preview" aria-label={t("gpio.preview")}>
      <span class="label">{t("gpio.preview")}</span>
      <h3>
        <GpioTitleItems title={title} />
      </h3>
      {rows.length === 0 && <p class="muted">{t("gpio.previewEmpty")}</p>}
      <GpioRows
        rows={rows}
        use={{
          onSwitch: ({ channel }, isOn) => set(channel, isOn),
          onPulse: () => undefined,
        }}
      />
    </section>
  );
}
