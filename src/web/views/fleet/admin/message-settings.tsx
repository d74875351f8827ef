import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { NotificationSettings } from "../../../../protocol/fleet/channels.ts";
import { Button } from "../../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { LANGUAGE_NAMES } from "../../../i18n/language.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { commonText } from "../../../i18n/common-text.ts";
import { ask, tell } from "../fleet-api.ts";
import { perform } from "../../../lib/resource.ts";
import { SHAPES } from "../shapes.ts";

const two = (number: number): string => String(number).padStart(2, "0");
const clockOf = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return (hours || 0) * 60 + (minutes || 0);
}

function TimeField({
  label,
  minute,
  onChange,
}: {
  readonly label: string;
  readonly minute: number;
  readonly onChange: (minute: number) => void;
}): JSX.Element {
  return (
    <div class="field">
      <label>
        {label}
        <input
          class="input"
          type="time"
          value={clockOf(minute)}
          onInput={(event) => onChange(minuteOf(event.currentTarget.value))}
        />
      </label>
    </div>
  );
}

type Quiet = NotificationSettings["quietHours"];

function QuietFields({
  quiet,
  onChange,
}: {
  readonly quiet: Quiet;
  readonly onChange: (quiet: Quiet) => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <>
      <Switch checked={quiet.isEnabled} onChange={(isEnabled) => onChange({ ...quiet, isEnabled })}>
        {t("quiet.enabled")}
      </Switch>
      {quiet.isEnabled && (
        <div class="columns">
          <TimeField
            label={t("quiet.from")}
            minute={quiet.fromMinute}
            onChange={(fromMinute) => onChange({ ...quiet, fromMinute })}
          />
          <TimeField
            label={t("quiet.to")}
            minute={quiet.toMinute}
            onChange={(toMinute) => onChange({ ...quiet, toMinute })}
          />
          <Switch
            checked={quiet.exceptCritical}
            onChange={(exceptCritical) => onChange({ ...quiet, exceptCritical })}
          >
            {t("quiet.exceptCritical")}
          </Switch>
        </div>
      )}
    </>
  );
}

/** Language, zone and quiet hours of all messages. */
export function MessageSettings(): JSX.Element | null {
  const { t } = adminText;
  const settings = useSignal<NotificationSettings | undefined>(undefined);
  const load = async (): Promise<void> => {
    settings.value = await ask("GET", "/notification-settings", SHAPES.messages);
  };
  useEffect(() => {
    attempt(load);
  }, []);
  const present = settings.value;
  if (present === undefined) return null;
  const change = (part: Partial<NotificationSettings>): void => {
    settings.value = { ...present, ...part };
  };
  const save = (): Promise<boolean> =>
    perform(() => tell("PUT", "/notification-settings", { body: { ...present } }), "saved", load);
  return (
    <form
      class="card stack"
      onSubmit={(event) => {
        event.preventDefault();
        attempt(save);
      }}
    >
      <h3>{t("quiet.title")}</h3>
      <div class="columns">
        <SelectField
          label={t("quiet.language")}
          value={present.language}
          options={[
            { value: "en", label: LANGUAGE_NAMES.en },
            { value: "zh", label: LANGUAGE_NAMES["zh-CN"] },
          ]}
          onChange={(language) => change({ language })}
        />
        <TextField
          label={t("quiet.zone")}
          value={present.timeZone}
          onInput={(timeZone) => change({ timeZone })}
        />
      </div>
      <QuietFields quiet={present.quietHours} onChange={(quietHours) => change({ quietHours })} />
      <div>
        <Button type="submit" kind="primary">
          {commonText.t("action.save")}
        </Button>
      </div>
    </form>
  );
}
