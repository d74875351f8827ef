import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { ProbeTaskBody, ProbeTaskView } from "../../../../protocol/fleet/probes.ts";
import { confirm } from "../../../components/confirm.tsx";
import { SelectField, Switch, TextField } from "../../../components/field.tsx";
import { Table } from "../../../components/table.tsx";
import { attempt } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatDuration } from "../../../lib/format.ts";
import { tell, FLEET } from "../fleet-api.ts";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { NodePicker } from "./node-picker.tsx";
import { perform, useResource } from "../../../lib/resource.ts";
import { RowActions } from "../../../components/row-actions.tsx";
import { Section } from "../../../components/section.tsx";
import { SHAPES } from "../shapes.ts";

const TYPES = ["icmp", "tcp", "http"] as const;
const COVERS = ["except", "only"] as const;

const NEW: ProbeTaskBody = {
  name: "",
  type: "icmp",
  target: "",
  intervalSeconds: 60,
  cover: "except",
  nodes: [],
  weight: 0,
  isDefaultOn: true,
};

function bodyOf(task: ProbeTaskBody): ProbeTaskBody {
  const { name, type, target, intervalSeconds, cover, nodes, weight, isDefaultOn } = task;
  return { name, type, target, intervalSeconds, cover, nodes, weight, isDefaultOn };
}

function TaskFields({
  draft,
  change,
}: {
  readonly draft: ProbeTaskBody;
  readonly change: (part: Partial<ProbeTaskBody>) => void;
}): JSX.Element {
  const { t } = adminText;
  const { name, type, target, intervalSeconds, cover, nodes, isDefaultOn } = draft;
  return (
    <>
      <TextField
        label={t("name")}
        value={name}
        required
        autofocus
        onInput={(text) => change({ name: text })}
      />
      <div class="columns">
        <SelectField
          label={t("tasks.type")}
          value={type}
          options={TYPES.map((value) => ({ value, label: t(`tasks.type.${value}`) }))}
          onChange={(value) => change({ type: value })}
        />
        <TextField
          label={t("tasks.interval")}
          type="number"
          value={String(intervalSeconds)}
          onInput={(text) => change({ intervalSeconds: Math.trunc(Number(text)) || 0 })}
        />
      </div>
      <TextField
        label={t("tasks.target")}
        hint={t(`tasks.targetHint.${type}`)}
        value={target}
        required
        onInput={(text) => change({ target: text })}
      />
      <SelectField
        label={t("tasks.nodes")}
        value={cover}
        options={COVERS.map((value) => ({ value, label: t(`tasks.cover.${value}`) }))}
        onChange={(value) => change({ cover: value })}
      />
      <NodePicker chosen={nodes} onChange={(ids) => change({ nodes: ids })} />
      <Switch checked={isDefaultOn} onChange={(isOn) => change({ isDefaultOn: isOn })}>
        {t("tasks.defaultOn")}
      </Switch>
    </>
  );
}

function TaskDialog({
  task,
  onSave,
  onClose,
}: {
  readonly task: ProbeTaskView | undefined;
  readonly onSave: (body: ProbeTaskBody) => Promise<unknown>;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = adminText;
  const draft = useSignal(task === undefined ? NEW : bodyOf(task));
  return (
    <FormDialog
      title={task === undefined ? t("tasks.add") : t("tasks.edit", { name: task.name })}
      onSave={() => onSave(draft.value)}
      onClose={onClose}
    >
      <TaskFields
        draft={draft.value}
        change={(part) => {
          draft.value = { ...draft.value, ...part };
        }}
      />
    </FormDialog>
  );
}

async function remove({ id, name }: ProbeTaskView, reload: () => Promise<void>): Promise<void> {
  const { t } = adminText;
  const text = t("tasks.removeText", { name });
  const question = { title: `${t("remove")}: ${name}`, text, action: t("remove") };
  if (!(await confirm({ ...question, isDangerous: true }))) return;
  await perform(() => tell("DELETE", `/probe-tasks/${id}`), "removed", reload);
}

function columnsOf(edit: (task: ProbeTaskView) => void, reload: () => Promise<void>) {
  const { t } = adminText;
  return [
    { id: "name", title: t("name"), cell: ({ name }: ProbeTaskView) => name },
    {
      id: "target",
      title: t("tasks.target"),
      cell: ({ type, target }: ProbeTaskView) => `${t(`tasks.type.${type}`)}: ${target}`,
    },
    {
      id: "interval",
      title: t("tasks.interval"),
      cell: ({ intervalSeconds }: ProbeTaskView) =>
        t("tasks.every", { duration: formatDuration(intervalSeconds) }),
    },
    {
      id: "nodes",
      title: t("tasks.nodes"),
      cell: ({ cover, nodes }: ProbeTaskView) =>
        cover === "except" && nodes.length === 0
          ? t("scope.all")
          : `${t(`tasks.cover.${cover}`)}: ${nodes.length}`,
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (task: ProbeTaskView) => (
        <RowActions
          name={task.name}
          onEdit={() => edit(task)}
          onRemove={() => attempt(() => remove(task, reload))}
        />
      ),
    },
  ];
}

/** Ping tasks: what nodes measure. */
export function TasksAdmin(): JSX.Element {
  const { t } = adminText;
  const tasks = useResource(`${FLEET}/probe-tasks`, SHAPES.tasks);
  const edited = useSignal<ProbeTaskView | "new" | undefined>(undefined);
  const edit = (task: ProbeTaskView | "new"): void => {
    edited.value = task;
  };
  const save = async (body: ProbeTaskBody): Promise<void> => {
    const task = edited.value;
    if (task === "new" || task === undefined) await tell("POST", "/probe-tasks", { body });
    else await tell("PATCH", `/probe-tasks/${task.id}`, { body });
    await tasks.reload();
  };
  return (
    <Section
      title={t("area.tasks")}
      intro={t("tasks.intro")}
      resource={tasks}
      addTitle={t("tasks.add")}
      onAdd={() => edit("new")}
    >
      {(rows) => (
        <>
          <Table
            caption={t("area.tasks")}
            columns={columnsOf(edit, tasks.reload)}
            rows={rows}
            keyOf={({ id }) => id}
            empty={t("tasks.none")}
          />
          {edited.value !== undefined && (
            <TaskDialog
              task={edited.value === "new" ? undefined : edited.value}
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
