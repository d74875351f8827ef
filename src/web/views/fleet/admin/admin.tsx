import "../../../styles/settings.css";
import type { ComponentType, JSX } from "preact";
import { Navigation } from "../../../components/shell.tsx";
import { adminText } from "../../../i18n/fleet-admin-text.ts";
import { commonText } from "../../../i18n/common-text.ts";
import { fleetText } from "../../../i18n/fleet-text.ts";
import { lazy } from "../../../lib/lazy.tsx";
import { NodesAdmin } from "./nodes-admin.tsx";

const AREAS = ["nodes", "commands", "tasks", "alerts", "channels", "audit", "storage"] as const;

/** Each is fetched when it is opened. */
const PARTS: Readonly<Record<string, ComponentType>> = {
  "": NodesAdmin,
  nodes: NodesAdmin,
  commands: lazy(async () => (await import("./commands-admin.tsx")).CommandsAdmin),
  tasks: lazy(async () => (await import("./tasks-admin.tsx")).TasksAdmin),
  alerts: lazy(async () => (await import("./alerts-admin.tsx")).AlertsAdmin),
  channels: lazy(async () => (await import("./channels-admin.tsx")).ChannelsAdmin),
  audit: lazy(async () => (await import("./audit-admin.tsx")).AuditAdmin),
  storage: lazy(async () => (await import("./storage-admin.tsx")).StorageAdmin),
};

function Area({ id }: { readonly id: string }): JSX.Element {
  const Part = Object.hasOwn(PARTS, id) ? PARTS[id] : undefined;
  return Part === undefined ? <p class="empty">{commonText.t("notFound")}</p> : <Part />;
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
