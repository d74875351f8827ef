import type { JSX } from "preact";
import { confirm } from "../../../components/confirm.tsx";
import { attempt } from "../../../components/toast.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import { post } from "../../../lib/api.ts";
import { gpio } from "../gpio/gpio-model.ts";
import { GpioRows, GpioTitleItems } from "../gpio/gpio-rows.tsx";
import type { GpioOutput, GpioUse } from "../gpio/gpio-rows.tsx";
import { mayControl } from "../input/input.ts";

async function use(
  item: GpioOutput,
  path: string,
  query: Record<string, string | boolean>,
): Promise<void> {
  const { t } = consoleText;
  const { channel, text, asks } = item;
  if (asks) {
    const name = text === "" ? channel : text;
    const question = { title: name, text: t("gpio.confirm", { name }), action: t("gpio.yes") };
    if (!(await confirm(question))) return;
  }
  await post(path, { query: { channel, ...query } });
}

const USE: GpioUse = {
  onSwitch: (item, state) => attempt(() => use(item, "/api/gpio/switch", { state })),
  onPulse: (item) => attempt(() => use(item, "/api/gpio/pulse", {})),
};
const WATCH: GpioUse = { onSwitch: undefined, onPulse: undefined };

/** The switches and lamps of this device. */
export function GpioPanel(): JSX.Element {
  return <GpioRows rows={gpio.value.rows} use={mayControl() ? USE : WATCH} />;
}

/** The owner's title. */
export function GpioTitle(): JSX.Element {
  const { title } = gpio.value;
  if (title.length === 0) return <>{consoleText.t("panel.gpio")}</>;
  return <GpioTitleItems title={title} />;
}
