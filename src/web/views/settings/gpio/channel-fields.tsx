import type { JSX } from "preact";
import { Problem, SelectField, Switch, TextField } from "../../../components/field.tsx";
import { settingsText } from "../../../i18n/settings-text.ts";
import { isObject, isTrue, objectOf, shownOf, textOf, withValue } from "../../../lib/json.ts";
import type { Json } from "../../../lib/json.ts";
import { BUILT_IN_DRIVER } from "./driver-types.ts";
import { canPulse, canSwitch, isInput } from "./gpio-draft.ts";
import { NameField } from "./name-field.tsx";
import type { NamedFieldsProps } from "./name-field.tsx";
import { OptionalNumber } from "./optional-number.tsx";

interface ChannelFieldsProps extends NamedFieldsProps {
  /** Names of the drivers that are described. */
  readonly drivers: readonly string[];
}

/** Numbers are written as numbers. */
const pinOf = (text: string): string | number =>
  /^(?:0|[1-9]\d{0,8})$/.test(text.trim()) ? Number(text) : text;

const INITIALS = ["off", "on", "leave"] as const;
type Initial = (typeof INITIALS)[number];
const INITIAL_VALUES: Readonly<Record<Initial, boolean | null | undefined>> = {
  off: undefined,
  on: true,
  leave: null,
};

function initialOf(value: unknown): Initial {
  if (value === null) return "leave";
  return isTrue(value) ? "on" : "off";
}

function Seconds({
  path,
  props,
}: {
  readonly path: "debounce" | "busy_delay";
  readonly props: ChannelFieldsProps;
}): JSX.Element {
  const { t } = settingsText;
  const { item: channel, problems, disabled, onChange } = props;
  const isDebounce = path === "debounce";
  return (
    <OptionalNumber
      label={t(isDebounce ? "gpio.debounce" : "gpio.busyDelay")}
      usual={t("gpio.usual", { value: isDebounce ? "0.1" : "0.2" })}
      problem={problems.get(path)}
      value={channel.value[path]}
      disabled={disabled}
      onChange={(next) => onChange(withValue(channel.value, path, next))}
    />
  );
}

const LENGTHS = [
  ["delay", "gpio.delay"],
  ["min_delay", "gpio.minDelay"],
  ["max_delay", "gpio.maxDelay"],
] as const;

function PulseFields(props: ChannelFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { item: channel, problems, disabled, onChange } = props;
  const { value } = channel;
  const pulse = objectOf(value["pulse"]);
  const change = (key: string, next: unknown): void => {
    const changed = withValue(pulse, key, next);
    const isUsual = Object.keys(changed).length === 0;
    onChange(withValue(value, "pulse", isUsual ? undefined : changed));
  };
  return (
    <div class="columns">
      {LENGTHS.map(([key, title]) => (
        <OptionalNumber
          key={key}
          label={t(title)}
          usual={t("gpio.usual", { value: "0.1" })}
          problem={problems.get(`pulse/${key}`)}
          value={pulse[key]}
          disabled={disabled}
          onChange={(next) => change(key, next)}
        />
      ))}
    </div>
  );
}

/** Switching a button off and on again keeps its lengths as far as they say something. */
function pulseAfter(value: Json, isOn: boolean): unknown {
  if (!isOn) return false;
  const { pulse } = value;
  if (!isObject(pulse)) return undefined;
  const rest = withValue(pulse, "delay", undefined);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function OutputFields(props: ChannelFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { item: channel, problems, disabled, onChange } = props;
  const { value } = channel;
  return (
    <>
      <div class="columns">
        <SelectField
          label={t("gpio.initial")}
          value={initialOf(value["initial"])}
          options={INITIALS.map((name) => ({ value: name, label: t(`gpio.initial.${name}`) }))}
          disabled={disabled}
          onChange={(name) => onChange(withValue(value, "initial", INITIAL_VALUES[name]))}
        />
        <Seconds path="busy_delay" props={props} />
      </div>
      <Switch
        checked={canSwitch(channel)}
        disabled={disabled}
        onChange={(isOn) => onChange(withValue(value, "switch", isOn ? undefined : false))}
      >
        {t("gpio.switch")}
      </Switch>
      <Switch
        checked={canPulse(channel)}
        disabled={disabled}
        onChange={(isOn) => onChange(withValue(value, "pulse", pulseAfter(value, isOn)))}
      >
        {t("gpio.pulse")}
      </Switch>
      <Problem text={problems.get("can")} />
      {canPulse(channel) && <PulseFields {...props} />}
    </>
  );
}

function Connection(props: ChannelFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { item, drivers, problems, disabled, onChange } = props;
  const { value } = item;
  const driver = textOf(value["driver"], BUILT_IN_DRIVER);
  const names = [...new Set([BUILT_IN_DRIVER, ...drivers, driver])];
  return (
    <>
      <SelectField
        label={t("gpio.driver")}
        problem={problems.get("driver")}
        value={driver}
        options={names.map((name) => ({
          value: name,
          label: name === BUILT_IN_DRIVER ? t("gpio.builtIn") : name,
        }))}
        disabled={disabled}
        onChange={(name) =>
          onChange(withValue(value, "driver", name === BUILT_IN_DRIVER ? undefined : name))
        }
      />
      <TextField
        label={t("gpio.pin")}
        hint={t("gpio.pinHint")}
        problem={problems.get("pin")}
        value={shownOf(value["pin"])}
        disabled={disabled}
        onInput={(pin) => onChange({ ...value, pin: pinOf(pin) })}
      />
    </>
  );
}

/** One channel with everything that can be said about it. */
export function ChannelFields(props: ChannelFieldsProps): JSX.Element {
  const { t } = settingsText;
  const { item: channel, problems, disabled, onChange } = props;
  const { value } = channel;
  return (
    <>
      <div class="columns">
        <NameField {...props} />
        <SelectField
          label={t("gpio.mode")}
          problem={problems.get("mode")}
          value={isInput(channel) ? "input" : "output"}
          options={(["input", "output"] as const).map((mode) => ({
            value: mode,
            label: t(`gpio.mode.${mode}`),
          }))}
          disabled={disabled}
          onChange={(mode) => onChange({ ...value, mode })}
        />
        <Connection {...props} />
        {isInput(channel) && <Seconds path="debounce" props={props} />}
      </div>
      <Switch
        checked={isTrue(value["inverted"])}
        disabled={disabled}
        onChange={(isOn) => onChange(withValue(value, "inverted", isOn ? true : undefined))}
      >
        {t("gpio.inverted")}
      </Switch>
      {!isInput(channel) && <OutputFields {...props} />}
    </>
  );
}
