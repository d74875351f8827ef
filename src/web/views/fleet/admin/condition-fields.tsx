import type { JSX } from "preact";
import { ALERT_METRICS, KVM_ALERTS } from "../../../../protocol/fleet/alert-words.ts";
import type { AlertCondition } from "../../../../protocol/fleet/alerts.ts";
import type { ProbeTaskView } from "../../../../protocol/fleet/probes.ts";
import { SelectField, TextField } from "../../../components/field.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatDuration, formatNumber } from "../../../lib/format.ts";

export type ConditionKind = AlertCondition["kind"];
export const CONDITION_KINDS = ["offline", "load", "traffic", "expiry", "ping", "kvm"] as const;

/** What a new rule of the kind begins with. */
export function firstCondition(
  kind: ConditionKind,
  tasks: readonly ProbeTaskView[],
): AlertCondition {
  switch (kind) {
    case "offline":
      return { kind, afterSeconds: 180 };
    case "load":
      return { kind, metric: "cpuPercent", threshold: 90, windowSeconds: 300, sharePercent: 80 };
    case "traffic":
      return { kind, percent: 80 };
    case "expiry":
      return { kind, days: 7 };
    case "ping":
      return { kind, task: tasks[0]?.id ?? 1, measure: "loss", threshold: 20, windowSeconds: 600 };
    case "kvm":
      return { kind, alert: "poweredOff", afterSeconds: 60 };
  }
}

/** A condition in words. */
export function conditionText(condition: AlertCondition): string {
  const { t } = adminText;
  switch (condition.kind) {
    case "offline":
      return t("condition.offlineText", { duration: formatDuration(condition.afterSeconds) });
    case "load":
      return t("condition.loadText", {
        metric: t(`metric.${condition.metric}`),
        threshold: formatNumber(condition.threshold),
        share: `${condition.sharePercent} %`,
        duration: formatDuration(condition.windowSeconds),
      });
    case "traffic":
      return t("condition.trafficText", { percent: `${formatNumber(condition.percent)} %` });
    case "expiry":
      return t("condition.expiryText", { days: condition.days });
    case "ping":
      return t("condition.pingText", {
        measure: t(`measure.${condition.measure}`),
        threshold: formatNumber(condition.threshold),
        duration: formatDuration(condition.windowSeconds),
      });
    case "kvm":
      return t("condition.kvmText", {
        alert: t(`kvmAlert.${condition.alert}`),
        duration: formatDuration(condition.afterSeconds),
      });
  }
}

function NumberField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}): JSX.Element {
  return (
    <TextField
      label={label}
      type="number"
      value={String(value)}
      required
      onInput={(text) => onChange(Number(text) || 0)}
    />
  );
}

type Part<Kind extends ConditionKind> = Extract<AlertCondition, { kind: Kind }>;

function LoadFields({
  condition,
  onChange,
}: {
  readonly condition: Part<"load">;
  readonly onChange: (condition: AlertCondition) => void;
}): JSX.Element {
  const { t } = adminText;
  const change = (part: Partial<Part<"load">>): void => onChange({ ...condition, ...part });
  return (
    <>
      <SelectField
        label={t("alerts.metric")}
        value={condition.metric}
        options={ALERT_METRICS.map((value) => ({ value, label: t(`metric.${value}`) }))}
        onChange={(metric) => change({ metric })}
      />
      <NumberField
        label={t("alerts.threshold")}
        value={condition.threshold}
        onChange={(threshold) => change({ threshold })}
      />
      <NumberField
        label={t("alerts.window")}
        value={condition.windowSeconds}
        onChange={(windowSeconds) => change({ windowSeconds })}
      />
      <NumberField
        label={t("alerts.share")}
        value={condition.sharePercent}
        onChange={(sharePercent) => change({ sharePercent })}
      />
    </>
  );
}

function PingFields({
  condition,
  tasks,
  onChange,
}: {
  readonly condition: Part<"ping">;
  readonly tasks: readonly ProbeTaskView[];
  readonly onChange: (condition: AlertCondition) => void;
}): JSX.Element {
  const { t } = adminText;
  const change = (part: Partial<Part<"ping">>): void => onChange({ ...condition, ...part });
  return (
    <>
      <SelectField
        label={t("alerts.task")}
        value={String(condition.task)}
        options={tasks.map(({ id, name }) => ({ value: String(id), label: name }))}
        onChange={(task) => change({ task: Number(task) })}
      />
      <SelectField
        label={t("alerts.measure")}
        value={condition.measure}
        options={(["loss", "latency"] as const).map((value) => ({
          value,
          label: t(`measure.${value}`),
        }))}
        onChange={(measure) => change({ measure })}
      />
      <NumberField
        label={t("alerts.threshold")}
        value={condition.threshold}
        onChange={(threshold) => change({ threshold })}
      />
      <NumberField
        label={t("alerts.window")}
        value={condition.windowSeconds}
        onChange={(windowSeconds) => change({ windowSeconds })}
      />
    </>
  );
}

function KvmFields({
  condition,
  onChange,
}: {
  readonly condition: Part<"kvm">;
  readonly onChange: (condition: AlertCondition) => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <>
      <SelectField
        label={t("alerts.kvm")}
        value={condition.alert}
        options={KVM_ALERTS.map((value) => ({ value, label: t(`kvmAlert.${value}`) }))}
        onChange={(alert) => onChange({ ...condition, alert })}
      />
      <NumberField
        label={t("alerts.after")}
        value={condition.afterSeconds}
        onChange={(afterSeconds) => onChange({ ...condition, afterSeconds })}
      />
    </>
  );
}

/** The figures of a condition. */
export function ConditionFields({
  condition,
  tasks,
  onChange,
}: {
  readonly condition: AlertCondition;
  readonly tasks: readonly ProbeTaskView[];
  readonly onChange: (condition: AlertCondition) => void;
}): JSX.Element {
  const { t } = adminText;
  switch (condition.kind) {
    case "offline":
      return (
        <NumberField
          label={t("alerts.after")}
          value={condition.afterSeconds}
          onChange={(afterSeconds) => onChange({ ...condition, afterSeconds })}
        />
      );
    case "load":
      return <LoadFields condition={condition} onChange={onChange} />;
    case "traffic":
      return (
        <NumberField
          label={t("alerts.percent")}
          value={condition.percent}
          onChange={(percent) => onChange({ ...condition, percent })}
        />
      );
    case "expiry":
      return (
        <NumberField
          label={t("alerts.days")}
          value={condition.days}
          onChange={(days) => onChange({ ...condition, days })}
        />
      );
    case "ping":
      return <PingFields condition={condition} tasks={tasks} onChange={onChange} />;
    case "kvm":
      return <KvmFields condition={condition} onChange={onChange} />;
  }
}
