import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { ActiveAlert, AlertRule, AlertRuleBody } from "../../../../protocol/fleet/alerts.ts";
import { confirm } from "../../../components/confirm.tsx";
import { Switch } from "../../../components/field.tsx";
import { Badge } from "../../../components/status.tsx";
import { Table } from "../../../components/table.tsx";
import { attempt } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatTime } from "../../../lib/format.ts";
import { tell, FLEET } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { conditionText } from "./condition-fields.tsx";
import { perform, useResource } from "../../../lib/resource.ts";
import { RowActions } from "../../../components/row-actions.tsx";
import { RuleDialog } from "./rule-dialog.tsx";
import { Section } from "../../../components/section.tsx";
import { SHAPES } from "../shapes.ts";

const TONES = { info: "info", warning: "warn", critical: "bad" } as const;

function SeverityBadge({ severity }: { readonly severity: AlertRule["severity"] }): JSX.Element {
  return <Badge tone={TONES[severity]}>{adminText.t(`severity.${severity}`)}</Badge>;
}

function ActiveAlerts(): JSX.Element {
  const { t } = adminText;
  const alerts = useResource(`${FLEET}/alerts`, SHAPES.alerts);
  const columns = [
    {
      id: "severity",
      title: t("alerts.severity"),
      cell: ({ severity }: ActiveAlert) => <SeverityBadge severity={severity} />,
    },
    {
      id: "node",
      title: t("alerts.node"),
      cell: ({ node }: ActiveAlert) => fleet().byId(node)?.node.value.name ?? node,
    },
    {
      id: "rule",
      title: t("name"),
      cell: ({ ruleName, isFlapping }: ActiveAlert) =>
        isFlapping ? `${ruleName} (${t("alerts.flapping")})` : ruleName,
    },
    { id: "since", title: t("alerts.since"), cell: ({ since }: ActiveAlert) => formatTime(since) },
  ];
  return (
    <div class="stack">
      <h3>{t("alerts.active")}</h3>
      <Table
        caption={t("alerts.active")}
        columns={columns}
        rows={alerts.value.value ?? []}
        keyOf={({ rule, node }) => `${rule}-${node}`}
        empty={t("alerts.activeNone")}
      />
    </div>
  );
}

async function remove({ id, name }: AlertRule, reload: () => Promise<void>): Promise<void> {
  const { t } = adminText;
  const text = t("alerts.removeText", { name });
  const question = { title: `${t("remove")}: ${name}`, text, action: t("remove") };
  if (!(await confirm({ ...question, isDangerous: true }))) return;
  await perform(() => tell("DELETE", `/alert-rules/${id}`), "removed", reload);
}

function columnsOf(edit: (rule: AlertRule) => void, reload: () => Promise<void>) {
  const { t } = adminText;
  const toggle = ({ id, ...rule }: AlertRule, isEnabled: boolean): void =>
    attempt(() =>
      perform(
        () => tell("PUT", `/alert-rules/${id}`, { body: { ...rule, isEnabled } }),
        "saved",
        reload,
      ),
    );
  return [
    { id: "name", title: t("name"), cell: ({ name }: AlertRule) => name },
    {
      id: "severity",
      title: t("alerts.severity"),
      cell: ({ severity }: AlertRule) => <SeverityBadge severity={severity} />,
    },
    {
      id: "condition",
      title: t("alerts.condition"),
      cell: ({ condition }: AlertRule) => conditionText(condition),
    },
    {
      id: "on",
      title: t("alerts.enabled"),
      cell: (rule: AlertRule) => (
        <Switch checked={rule.isEnabled} onChange={(isOn) => toggle(rule, isOn)}>
          <span class="unseen">{rule.name}</span>
        </Switch>
      ),
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (rule: AlertRule) => (
        <RowActions
          name={rule.name}
          onEdit={() => edit(rule)}
          onRemove={() => attempt(() => remove(rule, reload))}
        />
      ),
    },
  ];
}

/** When somebody is to be told. */
export function AlertsAdmin(): JSX.Element {
  const { t } = adminText;
  const rules = useResource(`${FLEET}/alert-rules`, SHAPES.rules);
  const channels = useResource(`${FLEET}/channels`, SHAPES.channels);
  const tasks = useResource(`${FLEET}/probe-tasks`, SHAPES.tasks);
  const edited = useSignal<AlertRule | "new" | undefined>(undefined);
  const edit = (rule: AlertRule | "new"): void => {
    edited.value = rule;
  };
  const save = async (body: AlertRuleBody): Promise<void> => {
    const rule = edited.value;
    if (rule === "new" || rule === undefined) await tell("POST", "/alert-rules", { body });
    else await tell("PUT", `/alert-rules/${rule.id}`, { body });
    await rules.reload();
  };
  return (
    <Section
      title={t("area.alerts")}
      intro={t("alerts.intro")}
      resource={rules}
      addTitle={t("alerts.add")}
      onAdd={() => edit("new")}
    >
      {(rows) => (
        <>
          <Table
            caption={t("area.alerts")}
            columns={columnsOf(edit, rules.reload)}
            rows={rows}
            keyOf={({ id }) => id}
            empty={t("alerts.none")}
          />
          <ActiveAlerts />
          {edited.value !== undefined && (
            <RuleDialog
              rule={edited.value === "new" ? undefined : edited.value}
              channels={channels.value.value ?? []}
              tasks={tasks.value.value ?? []}
              onSave={save}
              onClose={() => {
                edited.value = undefined;
              }}
            />
          )}
        </>
      )}
    </Section>
  );
}
