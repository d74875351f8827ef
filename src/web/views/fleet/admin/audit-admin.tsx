import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { AuditEntryView } from "../../../../protocol/fleet/admin.ts";
import { Button } from "../../../components/button.tsx";
import { Table } from "../../../components/table.tsx";
import { attempt } from "../../../components/toast.tsx";
import { actionText } from "../../../i18n/audit-actions-text.ts";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { formatTime } from "../../../lib/format.ts";
import { ask } from "../fleet-api.ts";
import { fleet } from "../fleet-link.ts";
import { SHAPES } from "../shapes.ts";

function NodeName({ id }: { readonly id: number }): JSX.Element | null {
  if (id === 0) return null;
  return <span class="whole">{fleet().byId(id)?.node.value.name ?? id}</span>;
}

/** What people did, newest first. */
export function AuditAdmin(): JSX.Element {
  const { t } = adminText;
  const entries = useSignal<readonly AuditEntryView[]>([]);
  const before = useSignal<number | null | undefined>(undefined);
  const load = async (): Promise<void> => {
    const query = typeof before.value === "number" ? { before: before.value } : {};
    const page = await ask("GET", "/audit", SHAPES.audit, { query });
    entries.value = [...entries.value, ...page.entries];
    before.value = page.before;
  };
  useEffect(() => {
    attempt(load);
  }, []);
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
    { id: "detail", title: t("audit.detail"), cell: ({ detail }: AuditEntryView) => detail },
  ];
  return (
    <section class="stack" aria-label={t("area.audit")}>
      <div>
        <h2>{t("area.audit")}</h2>
        <p class="muted">{t("audit.intro")}</p>
      </div>
      <Table
        caption={t("area.audit")}
        columns={columns}
        rows={entries.value}
        keyOf={({ id }) => id}
        empty={t("audit.none")}
      />
      {typeof before.value === "number" && (
        <Button onClick={() => attempt(load)}>{t("audit.more")}</Button>
      )}
    </section>
  );
}
