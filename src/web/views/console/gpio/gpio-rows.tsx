import "../../../styles/gpio.css";
import type { JSX } from "preact";
import { Button } from "../../../components/button.tsx";
import { Switch } from "../../../components/field.tsx";
import { consoleText } from "../../../i18n/console-text.ts";
import type { GpioItem, GpioRow } from "./gpio-drawing.ts";

export type GpioOutput = Extract<GpioItem, { readonly type: "output" }>;
type Input = Extract<GpioItem, { readonly type: "input" }>;

export interface GpioUse {
  /** Nothing can be used where it is undefined. */
  readonly onSwitch: ((item: GpioOutput, state: boolean) => void) | undefined;
  readonly onPulse: ((item: GpioOutput) => void) | undefined;
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

function Output({ item, use }: { readonly item: GpioOutput; readonly use: GpioUse }): JSX.Element {
  const { channel, text, canSwitch, canPulse, isOn, isBusy, isOnline } = item;
  const { onSwitch, onPulse } = use;
  const isOff = !isOnline || isBusy;
  return (
    <span class="row">
      {canSwitch && (
        <Switch
          checked={isOn}
          disabled={isOff || onSwitch === undefined}
          onChange={(state) => onSwitch?.(item, state)}
        >
          {canPulse ? <span class="unseen">{channel}</span> : text}
        </Switch>
      )}
      {canPulse && (
        <Button
          busy={isBusy}
          disabled={isOff || onPulse === undefined}
          onClick={() => onPulse?.(item)}
        >
          {text}
        </Button>
      )}
    </span>
  );
}

function Item({ item, use }: { readonly item: GpioItem; readonly use: GpioUse }): JSX.Element {
  if (item.type === "label") return <span class="gpio-label">{item.text}</span>;
  return item.type === "input" ? <Lamp item={item} /> : <Output item={item} use={use} />;
}

/** Switches and lamps as the owner has described them. */
export function GpioRows({
  rows,
  use,
}: {
  readonly rows: readonly GpioRow[];
  readonly use: GpioUse;
}): JSX.Element {
  return (
    <div class="gpio-rows">
      {rows.map((row, index) =>
        row === null ? (
          <hr key={index} />
        ) : (
          <div key={index} class="gpio-row">
            {row.map((item, at) => (
              <Item key={at} item={item} use={use} />
            ))}
          </div>
        ),
      )}
    </div>
  );
}

/** The owner's title, with its lamps; nothing in it can be used. */
export function GpioTitleItems({ title }: { readonly title: readonly GpioItem[] }): JSX.Element {
  return (
    <span class="row">
      {title.map((item, index) => (
        <Item key={index} item={item} use={{ onSwitch: undefined, onPulse: undefined }} />
      ))}
    </span>
  );
}
