import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { AlertRule, AlertRuleBody, AlertScope } from "../../../../protocol/fleet/alerts.ts";
import type { ChannelView } from "../../../../protocol/fleet/channels.ts";
import type { ProbeTaskView } from "../../../../protocol/fleet/probes.ts";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { CONDITION_KINDS, ConditionFields, firstCondition } from "./condition-fields.tsx";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { NodePicker } from "./node-picker.tsx";
import { RulePreview } from "./rule-preview.tsx";

const SEVERITIES = ["info", "warning", "critical"] as const;
const COVERS = ["all", "only", "except"] as const;

const NEW: AlertRuleBody = {
  name: "",
  isEnabled: true,
  severity: "warning",
  scope: { cover: "all", nodes: [], groups: [], tags: [] },
  condition: { kind: "offline", afterSeconds: 180 },
  channels: [],
  reminderHours: 0,
  tellsRecovery: true,
};

function bodyOf(rule: AlertRule): AlertRuleBody {
  const { name, isEnabled, severity, scope, condition, channels, reminderHours, tellsRecovery } =
    rule;
  return { name, isEnabled, severity, scope, condition, channels, reminderHours, tellsRecovery };
}

type Change = (part: Partial<AlertRuleBody>) => void;

const wordsOf = (text: string): string[] =>
  text
    .split(/[,，]/)
    .map((word) => word.trim())
    .filter((word) => word !== "");

function ScopeFields({
  scope,
  onChange,
}: {
  readonly scope: AlertScope;
  readonly onChange: (scope: AlertScope) => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <>
      <SelectField
        label={t("scope.title")}
        value={scope.cover}
        options={COVERS.map((value) => ({ value, label: t(`scope.${value}`) }))}
        onChange={(cover) => onChange({ ...scope, cover })}
      />
      {scope.cover !== "all" && (
        <>
          <div class="columns">
            <TextField
              label={t("scope.groups")}
              hint={t("nodes.tagsHint")}
              value={scope.groups.join(", ")}
              onInput={(text) => onChange({ ...scope, groups: wordsOf(text) })}
            />
            <TextField
              label={t("scope.tags")}
              hint={t("nodes.tagsHint")}
              value={scope.tags.join(", ")}
              onInput={(text) => onChange({ ...scope, tags: wordsOf(text) })}
            />
          </div>
          <NodePicker chosen={scope.nodes} onChange={(nodes) => onChange({ ...scope, nodes })} />
        </>
      )}
    </>
  );
}

function TellFields({
  rule,
  channels,
  change,
}: {
  readonly rule: AlertRuleBody;
  readonly channels: readonly ChannelView[];
  readonly change: Change;
}): JSX.Element {
  const { t } = adminText;
  const toggle = (id: number, isOn: boolean): void =>
    change({
      channels: isOn ? [...rule.channels, id] : rule.channels.filter((other) => other !== id),
    });
  return (
    <>
      <fieldset class="stack">
        <legend class="label">{t("alerts.channels")}</legend>
        <Switch
          checked={rule.channels.length === 0}
          onChange={(isAll) => change({ channels: isAll ? [] : channels.map(({ id }) => id) })}
        >
          {t("alerts.allChannels")}
        </Switch>
        {rule.channels.length > 0 &&
          channels.map(({ id, name }) => (
            <Switch
              key={id}
              checked={rule.channels.includes(id)}
              onChange={(isOn) => toggle(id, isOn)}
            >
              {name}
            </Switch>
          ))}
      </fieldset>
      <div class="columns">
        <TextField
          label={t("alerts.reminder")}
          hint={t("alerts.reminderHint")}
          type="number"
          value={String(rule.reminderHours)}
          onInput={(text) => change({ reminderHours: Math.trunc(Number(text)) || 0 })}
        />
        <Switch
          checked={rule.tellsRecovery}
          onChange={(tellsRecovery) => change({ tellsRecovery })}
        >
          {t("alerts.recovery")}
        </Switch>
      </div>
    </>
  );
}

export interface RuleDialogProps {
  readonly rule: AlertRule | undefined;
  readonly channels: readonly ChannelView[];
  readonly tasks: readonly ProbeTaskView[];
  readonly onSave: (body: AlertRuleBody) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Makes or changes a rule, and tries it on the past. */
export function RuleDialog(props: RuleDialogProps): JSX.Element {
  const { rule, channels, tasks, onSave, onClose } = props;
  const { t } = adminText;
  const draft = useSignal(rule === undefined ? NEW : bodyOf(rule));
  const change: Change = (part) => {
    draft.value = { ...draft.value, ...part };
  };
  const { name, severity, condition, scope } = draft.value;
  return (
    <FormDialog
      wide
      title={rule === undefined ? t("alerts.add") : t("alerts.edit", { name: rule.name })}
      onSave={() => onSave(draft.value)}
      onClose={onClose}
    >
      <div class="columns">
        <TextField
          label={t("name")}
          value={name}
          required
          autofocus
          onInput={(text) => change({ name: text })}
        />
        <SelectField
          label={t("alerts.severity")}
          value={severity}
          options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          onChange={(value) => change({ severity: value })}
        />
      </div>
      <div class="columns">
        <SelectField
          label={t("alerts.condition")}
          value={condition.kind}
          options={CONDITION_KINDS.map((value) => ({ value, label: t(`condition.${value}`) }))}
          onChange={(kind) => change({ condition: firstCondition(kind, tasks) })}
        />
        <ConditionFields
          condition={condition}
          tasks={tasks}
          onChange={(next) => change({ condition: next })}
        />
      </div>
      <ScopeFields scope={scope} onChange={(next) => change({ scope: next })} />
      <RulePreview rule={draft.value} />
      <TellFields rule={draft.value} channels={channels} change={change} />
    </FormDialog>
  );
}
