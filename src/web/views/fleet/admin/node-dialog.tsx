import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { FleetNode } from "../../../../protocol/fleet/live.ts";
import type {
  IssuedNodeView,
  NodeNotesBody,
  NodePermissionsBody,
  NodePermissionsView,
} from "../../../../protocol/fleet/nodes.ts";
import { Field, SelectField, Switch, TextField } from "../../../components/field.tsx";
import { attempt } from "../../../components/toast.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { ask, tell } from "../fleet-api.ts";
import { FormDialog } from "../../../components/form-dialog.tsx";
import { SHAPES } from "../shapes.ts";

const GB = 1024 ** 3;
const TRAFFIC_TYPES = ["sum", "max", "min", "up", "down"] as const;

/** As it is typed. */
interface Draft {
  readonly name: string;
  readonly group: string;
  readonly tags: string;
  readonly region: string;
  readonly isHidden: boolean;
  readonly weight: string;
  readonly remark: string;
  readonly publicRemark: string;
  /** `YYYY-MM-DD`; empty for none. */
  readonly expires: string;
  readonly limitGb: string;
  readonly trafficType: FleetNode["trafficLimitType"];
}

const NEW: Draft = {
  name: "",
  group: "",
  tags: "",
  region: "",
  isHidden: false,
  weight: "0",
  remark: "",
  publicRemark: "",
  expires: "",
  limitGb: "0",
  trafficType: "sum",
};

function draftOf(node: FleetNode): Draft {
  const { name, group, region, isHidden, publicRemark, trafficLimitBytes, expiresAt } = node;
  return {
    name,
    group,
    region,
    isHidden,
    publicRemark,
    remark: "",
    tags: node.tags.join(", "),
    weight: String(node.weight),
    expires: expiresAt === null ? "" : new Date(expiresAt).toISOString().slice(0, 10),
    limitGb: String(Math.round((trafficLimitBytes / GB) * 100) / 100),
    trafficType: node.trafficLimitType,
  };
}

function notesOf(draft: Draft): NodeNotesBody {
  return {
    name: draft.name.trim(),
    group: draft.group.trim(),
    tags: draft.tags
      .split(/[,，]/)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
    region: draft.region.trim(),
    isHidden: draft.isHidden,
    weight: Math.trunc(Number(draft.weight)) || 0,
    remark: draft.remark,
    publicRemark: draft.publicRemark,
    expiresAt: draft.expires === "" ? null : Date.parse(`${draft.expires}T00:00:00Z`),
    trafficLimitBytes: Math.max(0, Math.round((Number(draft.limitGb) || 0) * GB)),
    trafficLimitType: draft.trafficType,
  };
}

type Change = (part: Partial<Draft>) => void;

function FirstFields({ draft, change }: { readonly draft: Draft; readonly change: Change }) {
  const { t } = adminText;
  return (
    <>
      <TextField
        label={t("name")}
        value={draft.name}
        required
        autofocus
        maxLength={256}
        onInput={(name) => change({ name })}
      />
      <div class="columns four">
        <TextField
          label={t("nodes.group")}
          value={draft.group}
          onInput={(group) => change({ group })}
        />
        <TextField
          label={t("nodes.tags")}
          hint={t("nodes.tagsHint")}
          value={draft.tags}
          onInput={(tags) => change({ tags })}
        />
        <TextField
          label={t("nodes.region")}
          hint={t("nodes.regionHint")}
          value={draft.region}
          onInput={(region) => change({ region })}
        />
        <TextField
          label={t("nodes.weight")}
          hint={t("nodes.weightHint")}
          type="number"
          value={draft.weight}
          onInput={(weight) => change({ weight })}
        />
      </div>
      <Switch checked={draft.isHidden} onChange={(isHidden) => change({ isHidden })}>
        {t("nodes.hidden")}
      </Switch>
    </>
  );
}

function MoreFields({ draft, change }: { readonly draft: Draft; readonly change: Change }) {
  const { t } = adminText;
  return (
    <>
      <div class="columns">
        <Field
          label={t("nodes.expires")}
          control={(ids) => (
            <input
              {...ids}
              class="input"
              type="date"
              value={draft.expires}
              onInput={(event) => change({ expires: event.currentTarget.value })}
            />
          )}
        />
        <TextField
          label={t("nodes.trafficLimit")}
          hint={t("nodes.trafficLimitHint")}
          type="number"
          value={draft.limitGb}
          onInput={(limitGb) => change({ limitGb })}
        />
        <SelectField
          label={t("nodes.trafficType")}
          value={draft.trafficType}
          options={TRAFFIC_TYPES.map((value) => ({ value, label: t(`nodes.traffic.${value}`) }))}
          onChange={(trafficType) => change({ trafficType })}
        />
      </div>
      <TextField
        label={t("nodes.publicRemark")}
        rows={2}
        value={draft.publicRemark}
        onInput={(publicRemark) => change({ publicRemark })}
      />
      <TextField
        label={t("nodes.remark")}
        rows={2}
        value={draft.remark}
        onInput={(remark) => change({ remark })}
      />
    </>
  );
}

function Permissions({
  value,
  onChange,
}: {
  readonly value: NodePermissionsView;
  readonly onChange: (value: NodePermissionsView) => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <fieldset class="stack">
      <legend class="label">{t("nodes.permissions")}</legend>
      <p class="muted small">{t("nodes.permissionsHint")}</p>
      <Switch checked={value.command} onChange={(command) => onChange({ ...value, command })}>
        {t("nodes.allowCommand")}
      </Switch>
      <Switch checked={value.terminal} onChange={(terminal) => onChange({ ...value, terminal })}>
        {t("nodes.allowTerminal")}
      </Switch>
    </fieldset>
  );
}

/** Only what the admin has touched: each change is a line in the audit. */
function changedPermissions(
  before: NodePermissionsView | undefined,
  now: NodePermissionsView | undefined,
): NodePermissionsBody {
  if (before === undefined || now === undefined) return {};
  return {
    ...(before.command === now.command ? {} : { command: now.command }),
    ...(before.terminal === now.terminal ? {} : { terminal: now.terminal }),
  };
}

/** Makes a node, or changes what is written down about one. */
export function NodeDialog({
  node,
  onIssued,
  onClose,
}: {
  readonly node: FleetNode | undefined;
  readonly onIssued: (issued: IssuedNodeView) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = adminText;
  const draft = useSignal(node === undefined ? NEW : draftOf(node));
  const before = useSignal<NodePermissionsView | undefined>(undefined);
  const permissions = useSignal<NodePermissionsView | undefined>(undefined);
  const change: Change = (part) => {
    draft.value = { ...draft.value, ...part };
  };
  useEffect(() => {
    if (node === undefined) return;
    attempt(async () => {
      const detail = await ask("GET", `/nodes/${node.uuid}`, SHAPES.node);
      change({ remark: detail.private?.remark ?? "" });
      before.value = detail.private?.permissions;
      permissions.value = before.value;
    });
  }, []);
  const save = async (): Promise<void> => {
    const body = notesOf(draft.value);
    if (node === undefined) {
      onIssued(await ask("POST", "/nodes", SHAPES.issuedNode, { body }));
      return;
    }
    await tell("PATCH", `/nodes/${node.uuid}`, { body });
    const changed = changedPermissions(before.value, permissions.value);
    if (Object.keys(changed).length > 0) {
      await tell("PATCH", `/nodes/${node.uuid}/permissions`, { body: changed });
    }
  };
  return (
    <FormDialog
      wide
      title={node === undefined ? t("nodes.add") : t("nodes.edit", { name: node.name })}
      onSave={save}
      onClose={onClose}
    >
      <FirstFields draft={draft.value} change={change} />
      {node !== undefined && <MoreFields draft={draft.value} change={change} />}
      {permissions.value !== undefined && (
        <Permissions
          value={permissions.value}
          onChange={(value) => {
            permissions.value = value;
          }}
        />
      )}
    </FormDialog>
  );
}
