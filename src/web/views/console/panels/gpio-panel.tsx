import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { Switch } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import { post } from "../../../lib/api.ts";
import { gpio } from "../gpio-model.ts";
import type { GpioItem, GpioRow } from "../gpio-model.ts";
import { mayControl } from "../input/input.ts";

type Output = Extract<GpioItem, { readonly type: "output" }>;
type Input = Extract<GpioItem, { readonly type: "input" }>;

async function use(
  item: Output,
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

function Lamp({ item }: { readonly item: Input }): JSX.Element {
  const { t } = consoleText;
  const { channel, color, isOn, isOnline } = item;
  const state = isOnline ? t(isOn ? "gpio.on" : "gpio.off") : t("gpio.offline");
  return (
    <span
      class={`lamp ${color} ${isOn && isOnline ? "lit" : ""}`}
      role="img"
      aria-label={`${channel}: ${state}`}
      title={`${channel}: ${state}`}
    />
  );
}

function OutputItem({ item }: { readonly item: Output }): JSX.Element {
  const { channel, text, canSwitch, canPulse, isOn, isBusy, isOnline } = item;
  const isOff = !isOnline || isBusy || !mayControl();
  return (
    <span class="row">
      {canSwitch && (
        <Switch
          checked={isOn}
          disabled={isOff}
          onChange={(state) => attempt(() => use(item, "/api/gpio/switch", { state }))}
        >
          {canPulse ? <span class="unseen">{channel}</span> : text}
        </Switch>
      )}
      {canPulse && (
        <Button
          busy={isBusy}
          disabled={isOff}
          onClick={() => attempt(() => use(item, "/api/gpio/pulse", {}))}
        >
          {text}
        </Button>
      )}
    </span>
  );
}

function Item({ item }: { readonly item: GpioItem }): JSX.Element {
  if (item.type === "label") return <span class="gpio-label">{item.text}</span>;
  return item.type === "input" ? <Lamp item={item} /> : <OutputItem item={item} />;
}

function Row({ row }: { readonly row: GpioRow }): JSX.Element {
  if (row === null) return <hr />;
  return (
    <div class="gpio-row">
      {row.map((item, index) => (
        <Item key={index} item={item} />
      ))}
    </div>
  );
}

/** Switches and lamps as the owner has described them. */
export function GpioPanel(): JSX.Element {
  return (
    <>
      {gpio.value.rows.map((row, index) => (
        <Row key={index} row={row} />
      ))}
    </>
  );
}

/** The owner's title, with its lamps. */
export function GpioTitle(): JSX.Element {
  const { title } = gpio.value;
  if (title.length === 0) return <>{consoleText.t("panel.gpio")}</>;
  return (
    <span class="row">
      {title.map((item, index) => (
        <Item key={index} item={item} />
      ))}
    </span>
  );
}
