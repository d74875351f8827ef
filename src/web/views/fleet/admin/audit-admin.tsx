import type { JSX } from "preact";
import type { AuditEntryView } from "../../../../protocol/fleet/admin.ts";
import { Table } from "../../../components/table.tsx";
import { actionText } from "../../../i18n/audit-actions-text.ts";
import { detailText } from "../../../i18n/audit-details-text.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatTime } from "../../../lib/format.ts";
import { fleet } from "../fleet-link.ts";
import { PagedEnd, usePaged } from "../paged.tsx";
import { SHAPES } from "../shapes.ts";

function NodeName({ id }: { readonly id: number }): JSX.Element | null {
  if (id === 0) return null;
  return <span class="lead">{fleet().byId(id)?.node.value.name ?? id}</span>;
}

/** What people did, newest first. */
export function AuditAdmin(): JSX.Element {
  const { t } = adminText;
  const list = usePaged("/audit", SHAPES.audit, ({ entries }) => entries);
  const columns = [
    { id: "time", title: t("audit.time"), cell: ({ at }: AuditEntryView) => formatTime(at) },
    { id: "user", title: t("audit.user"), cell: ({ user }: AuditEntryView) => user },
    {
      id: "address",
      title: t("audit.address"),
      cell: ({ address }: AuditEntryView) => <span class="mono">{address}</span>,
    },
    {
      id: "action",
      title: t("audit.action"),
      cell: ({ action }: AuditEntryView) => actionText(action),
    },
    {
      id: "node",
      title: t("audit.node"),
      cell: ({ node }: AuditEntryView) => <NodeName id={node} />,
    },
    {
      id: "detail",
      title: t("audit.detail"),
      cell: ({ action, detail }: AuditEntryView) => detailText(action, detail),
    },
  ];
  return (
    <section class="stack" aria-label={t("area.audit")}>
      <div>
        <h2>{t("area.audit")}</h2>
        <p class="muted">{t("audit.intro")}</p>
      </div>
      {list.items.value !== undefined && (
        <Table
          caption={t("area.audit")}
          columns={columns}
          rows={list.items.value}
          keyOf={({ id }) => id}
          empty={t("audit.none")}
        />
      )}
      <PagedEnd list={list} title={t("audit.more")} />
    </section>
  );
}
