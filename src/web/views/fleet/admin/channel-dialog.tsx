import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { ChannelDraft } from "./channel-fields.tsx";
import type { ChannelKind, ChannelTest, ChannelView } from "../../../../protocol/fleet/channels.ts";
import { Button } from "../../../components/button.tsx";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { attempt, Notice } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { failureText } from "../../../lib/api.ts";
import { ask, tell } from "../fleet-api.ts";
import {
  CHANNEL_KINDS,
  ChannelFields,
  draftOf,
  firstDraft,
  settingsOf,
} from "./channel-fields.tsx";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { SHAPES } from "../shapes.ts";

const SEVERITIES = ["info", "warning", "critical"] as const;

/** What came of a message. */
export function outcomeText({ isDelivered, answer, code }: ChannelTest): string {
  const { t } = adminText;
  if (isDelivered) return t("channels.testOk", { answer });
  return t("channels.testBad", { problem: failureText(code, answer) });
}

/** What the server said to a message; of a channel that is kept, or of one that is being made. */
function TestButton({ send }: { readonly send: () => Promise<ChannelTest> }): JSX.Element {
  const { t } = adminText;
  const isBusy = useSignal(false);
  const result = useSignal<ChannelTest | undefined>(undefined);
  const test = async (): Promise<void> => {
    isBusy.value = true;
    try {
      result.value = await send();
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <div class="stack">
      <div>
        <Button icon="play" busy={isBusy.value} onClick={() => attempt(test)}>
          {t("channels.test")}
        </Button>
      </div>
      {result.value !== undefined && (
        <Notice tone={result.value.isDelivered ? "ok" : "bad"}>{outcomeText(result.value)}</Notice>
      )}
    </div>
  );
}

/** As it is typed. */
interface Draft {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly leastSeverity: (typeof SEVERITIES)[number];
  readonly isEnabled: boolean;
  readonly fields: ChannelDraft;
}

const NEW: Draft = {
  name: "",
  kind: "webhook",
  leastSeverity: "info",
  isEnabled: true,
  fields: firstDraft("webhook"),
};

function draftFrom({ name, settings, leastSeverity, isEnabled }: ChannelView): Draft {
  return { name, kind: settings.kind, leastSeverity, isEnabled, fields: draftOf(settings) };
}

function bodyOf({ name, kind, leastSeverity, isEnabled, fields }: Draft) {
  const given = name.trim();
  return {
    name: given === "" ? adminText.t(`channel.${kind}`) : given,
    isEnabled,
    leastSeverity,
    settings: settingsOf(kind, fields),
  };
}

function Fields({
  draft,
  channel,
  change,
}: {
  readonly draft: Draft;
  readonly channel: ChannelView | undefined;
  readonly change: (part: Partial<Draft>) => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <>
      <TextField
        label={t("name")}
        value={draft.name}
        autofocus
        onInput={(name) => change({ name })}
      />
      <SelectField
        label={t("channels.kind")}
        value={draft.kind}
        disabled={channel !== undefined}
        options={CHANNEL_KINDS.map((value) => ({ value, label: t(`channel.${value}`) }))}
        onChange={(kind) => change({ kind, fields: firstDraft(kind) })}
      />
      <ChannelFields
        kind={draft.kind}
        draft={draft.fields}
        secrets={channel?.secrets ?? []}
        onChange={(fields) => change({ fields })}
      />
      <SelectField
        label={t("channels.least")}
        value={draft.leastSeverity}
        options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
        onChange={(leastSeverity) => change({ leastSeverity })}
      />
      <Switch checked={draft.isEnabled} onChange={(isEnabled) => change({ isEnabled })}>
        {t("channels.enabled")}
      </Switch>
    </>
  );
}

export function ChannelDialog({
  channel,
  onSaved,
  onClose,
}: {
  readonly channel: ChannelView | undefined;
  readonly onSaved: () => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = adminText;
  const draft = useSignal(channel === undefined ? NEW : draftFrom(channel));
  const save = async (): Promise<void> => {
    const body = bodyOf(draft.value);
    if (channel === undefined) await tell("POST", "/channels", { body });
    else await tell("PUT", `/channels/${channel.id}`, { body });
    await onSaved();
  };
  const title =
    channel === undefined ? t("channels.add") : t("channels.edit", { name: channel.name });
  return (
    <FormDialog title={title} onSave={save} onClose={onClose}>
      <Fields
        draft={draft.value}
        channel={channel}
        change={(part) => {
          draft.value = { ...draft.value, ...part };
        }}
      />
      <TestButton
        send={() => ask("POST", "/channels/test", SHAPES.test, { body: bodyOf(draft.value) })}
      />
    </FormDialog>
  );
}
