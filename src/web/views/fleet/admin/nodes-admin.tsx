import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import type { FleetNode } from "../../../../protocol/fleet/live.ts";
import type { IssuedNodeView } from "../../../../protocol/fleet/nodes.ts";
import { Button } from "../../../components/button.tsx";
import { confirm } from "../../../components/confirm.tsx";
import { Dialog } from "../../../components/dialog.tsx";
import { Badge } from "../../../components/status.tsx";
import { Table } from "../../../components/table.tsx";
import { attempt } from "../../../components/toast.tsx";
import { commonText } from "../../../i18n/common-text.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { followLink } from "../../../lib/router.ts";
import { ask, tell } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { PresenceDot, Tags } from "../list/node-marks.tsx";
import { CopyField } from "../../../components/copy-field.tsx";
import { NodeDialog } from "./node-dialog.tsx";
import { RowActions } from "../../../components/row-actions.tsx";
import { SHAPES } from "../shapes.ts";

function IssuedDialog({
  issued,
  onClose,
}: {
  readonly issued: IssuedNodeView;
  readonly onClose: () => void;
}): JSX.Element {
  const { t } = adminText;
  return (
    <Dialog
      wide
      title={t("nodes.issued", { name: issued.node.name })}
      onClose={onClose}
      actions={
        <Button kind="primary" onClick={onClose}>
          {commonText.t("action.close")}
        </Button>
      }
    >
      <CopyField label={t("nodes.token")} text={issued.token} />
      <p>{t("nodes.issuedText")}</p>
      {issued.install.map(({ title, command }) => (
        <CopyField key={title} label={title} text={command} />
      ))}
      {issued.install.some((hint) => hint.acceptsAnyCertificate) && (
        <p class="muted">{t("nodes.anyCertificate")}</p>
      )}
    </Dialog>
  );
}

async function removeNode({ uuid, name }: FleetNode): Promise<void> {
  const { t } = adminText;
  const isSure = await confirm({
    title: `${t("remove")}: ${name}`,
    text: t("nodes.removeText", { name }),
    action: t("remove"),
    isDangerous: true,
  });
  if (isSure) await tell("DELETE", `/nodes/${uuid}`);
}

async function newToken({ uuid, name }: FleetNode): Promise<IssuedNodeView | undefined> {
  const { t } = adminText;
  const isSure = await confirm({
    title: t("nodes.newToken"),
    text: t("nodes.newTokenText", { name }),
    action: t("nodes.newToken"),
    isDangerous: true,
  });
  return isSure ? ask("POST", `/nodes/${uuid}/token`, SHAPES.issuedNode) : undefined;
}

function NameCell({ node }: { readonly node: FleetNode }): JSX.Element {
  return (
    <span class="row">
      <PresenceDot row={fleet().byId(node.id)?.row.value ?? [node.id]} />
      <a href={`/fleet/nodes/${node.uuid}`} onClick={followLink}>
        {node.name}
      </a>
      {node.isHidden && <Badge>{fleetText.t("node.hidden")}</Badge>}
    </span>
  );
}

function columnsOf(edit: (node: FleetNode) => void, renew: (node: FleetNode) => void) {
  const { t } = adminText;
  return [
    { id: "name", title: t("name"), cell: (node: FleetNode) => <NameCell node={node} /> },
    { id: "group", title: t("nodes.group"), cell: ({ group }: FleetNode) => group },
    {
      id: "tags",
      title: t("nodes.tags"),
      cell: ({ tags }: FleetNode) => (
        <span class="row wrap">
          <Tags tags={tags} />
        </span>
      ),
    },
    {
      id: "actions",
      title: t("actions"),
      hideTitle: true,
      cell: (node: FleetNode) => (
        <RowActions
          name={node.name}
          onEdit={() => edit(node)}
          onRemove={() => attempt(() => removeNode(node))}
        >
          <Button
            kind="ghost"
            icon="key"
            label={`${t("nodes.newToken")}: ${node.name}`}
            onClick={() => renew(node)}
          />
        </RowActions>
      ),
    },
  ];
}

type Edited = FleetNode | "new" | undefined;

/** The dialogs of the list: one node, or what was made. */
function Dialogs({
  edited,
  issued,
}: {
  readonly edited: Signal<Edited>;
  readonly issued: Signal<IssuedNodeView | undefined>;
}): JSX.Element {
  return (
    <>
      {edited.value !== undefined && (
        <NodeDialog
          node={edited.value === "new" ? undefined : edited.value}
          onIssued={(made) => {
            issued.value = made;
          }}
          onClose={() => {
            edited.value = undefined;
          }}
        />
      )}
      {issued.value !== undefined && (
        <IssuedDialog
          issued={issued.value}
          onClose={() => {
            issued.value = undefined;
          }}
        />
      )}
    </>
  );
}

/** The list follows the live connection: what is changed here shows up by itself. */
export function NodesAdmin(): JSX.Element {
  const { t } = adminText;
  const edited = useSignal<Edited>(undefined);
  const issued = useSignal<IssuedNodeView | undefined>(undefined);
  const edit = (node: Edited): void => {
    edited.value = node;
  };
  const renew = (node: FleetNode): void =>
    attempt(async () => {
      issued.value = await newToken(node);
    });
  return (
    <section class="stack" aria-label={t("area.nodes")}>
      <div class="row wrap">
        <div class="grow">
          <h2>{t("area.nodes")}</h2>
          <p class="muted">{t("nodes.intro")}</p>
        </div>
        <Button kind="primary" icon="plus" onClick={() => edit("new")}>
          {t("nodes.add")}
        </Button>
      </div>
      <Table
        caption={t("area.nodes")}
        columns={columnsOf(edit, renew)}
        rows={fleet().entries.value.map(({ node }) => node.value)}
        keyOf={({ id }) => id}
        empty={t("nodes.none")}
      />
      <Dialogs edited={edited} issued={issued} />
    </section>
  );
}
