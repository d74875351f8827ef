import "../../../styles/fleet-admin.css";
import type { JSX } from "preact";
import { Later } from "../../../components/later.tsx";
import { Navigation } from "../../../components/shell.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { commonText } from "../../../i18n/common-text.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { NodesAdmin } from "./nodes-admin.tsx";

const AREAS = [
  "nodes",
  "tasks",
  "alerts",
  "channels",
  "accounts",
  "tokens",
  "audit",
  "storage",
] as const;

/** Each is fetched when it is opened. */
function Area({ id }: { readonly id: string }): JSX.Element {
  switch (id) {
    case "":
    case "nodes":
      return <NodesAdmin />;
    case "tasks":
      return <Later load={async () => (await import("./tasks-admin.tsx")).TasksAdmin} props={{}} />;
    case "alerts":
      return (
        <Later load={async () => (await import("./alerts-admin.tsx")).AlertsAdmin} props={{}} />
      );
    case "channels":
      return (
        <Later load={async () => (await import("./channels-admin.tsx")).ChannelsAdmin} props={{}} />
      );
    case "accounts":
      return (
        <Later load={async () => (await import("./accounts-admin.tsx")).AccountsAdmin} props={{}} />
      );
    case "tokens":
      return (
        <Later load={async () => (await import("./tokens-admin.tsx")).TokensAdmin} props={{}} />
      );
    case "audit":
      return <Later load={async () => (await import("./audit-admin.tsx")).AuditAdmin} props={{}} />;
    case "storage":
      return (
        <Later load={async () => (await import("./storage-admin.tsx")).StorageAdmin} props={{}} />
      );
    default:
      return <p class="empty">{commonText.t("notFound")}</p>;
  }
}

/** What only admins see. */
export function Admin({ id }: { readonly id: string }): JSX.Element {
  const { t } = adminText;
  return (
    <div class="admin stack">
      <h1>{fleetText.t("nav.admin")}</h1>
      <div class="side-nav">
        <Navigation
          label={fleetText.t("nav.admin")}
          links={AREAS.map((area) => ({
            href: area === "nodes" ? "/fleet/admin" : `/fleet/admin/${area}`,
            title: t(`area.${area}`),
          }))}
        />
        <Area key={id} id={id} />
      </div>
    </div>
  );
}
