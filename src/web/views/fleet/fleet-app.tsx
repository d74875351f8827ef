import "../../styles/fleet.css";
import type { JSX } from "preact";
import { Navigation, Page, Shell } from "../../components/shell.tsx";
import type { NavLink } from "../../components/shell.tsx";
import { Notice } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { fleetText } from "../../i18n/fleet-text.ts";
import { showIdentity } from "../../lib/identity.ts";
import { segmentsBelow } from "../../lib/router.ts";
import { may } from "../../lib/session.ts";
import { lazy } from "../../lib/lazy.tsx";
import { fleet } from "./fleet-link.ts";
import { NodeList } from "./list/node-list.tsx";

const NodePage = lazy(async () => (await import("./node/node-page.tsx")).NodePage);
const EventsPage = lazy(async () => (await import("./events.tsx")).FleetEventsPage);
const Admin = lazy(async () => (await import("./admin/admin.tsx")).Admin);

const SettingsPage = lazy(async () => (await import("../settings/settings-page.tsx")).SettingsPage);

function View(): JSX.Element {
  const [area = "", id = "", part = ""] = segmentsBelow("/fleet");
  if (area === "") return <NodeList />;
  if (area === "nodes" && id !== "") return <NodePage uuid={id} part={part} />;
  if (area === "events") return <EventsPage />;
  if (area === "admin" && may("admin")) return <Admin id={id} />;
  if (area === "settings") return <SettingsPage base="/fleet/settings" area={id} />;
  return <p class="empty">{commonText.t("notFound")}</p>;
}

function links(): readonly NavLink[] {
  const { t } = fleetText;
  return [
    { href: "/fleet", title: t("nav.nodes") },
    { href: "/fleet/events", title: t("nav.events") },
    ...(may("admin") ? [{ href: "/fleet/admin", title: t("nav.admin") }] : []),
  ];
}

/** The hub's page. */
export function FleetApp(): JSX.Element {
  const { link, totals, isLoaded } = fleet();
  const offline = totals.value.nodes - totals.value.online;
  showIdentity(location.hostname, commonText.t("app.fleet"), offline > 0 ? `(${offline}) ` : "");
  const isLost = link.value === "waiting" && isLoaded.value;
  return (
    <Shell
      name={location.hostname}
      page="fleet"
      bar={
        <>
          <Navigation label={commonText.t("app.fleet")} links={links()} />
          <span class="grow" />
        </>
      }
    >
      {isLost && <Notice tone="warn">{commonText.t("link.waiting")}</Notice>}
      <Page>
        <div class={isLost ? "stale" : undefined}>
          <View />
        </div>
      </Page>
    </Shell>
  );
}
