import type { JSX } from "preact";
import type { FleetEvent } from "../../../protocol/fleet/events.ts";
import { Dot } from "../../components/status.tsx";
import { Table } from "../../components/table.tsx";
import type { Tone } from "../../components/toast.tsx";
import { fleetText } from "../../i18n/fleet-text.ts";
import { serverWordsText } from "../../i18n/server-words-text.ts";
import { formatTime } from "../../lib/format.ts";
import { followLink } from "../../lib/router.ts";
import { fleet } from "./fleet-link.ts";
import { PagedEnd, usePaged } from "./paged.tsx";
import { SHAPES } from "./shapes.ts";

const TONES: Readonly<Record<FleetEvent["kind"], Tone>> = {
  online: "ok",
  offline: "bad",
  raised: "warn",
  cleared: "ok",
  undelivered: "bad",
};

function NodeName({ id }: { readonly id: number }): JSX.Element | null {
  const node = fleet().byId(id)?.node.value;
  if (node === undefined) return null;
  return (
    <a href={`/fleet/nodes/${node.uuid}`} onClick={followLink}>
      {node.name}
    </a>
  );
}

/** Of a message that was not delivered: what it was about, and why in brackets. */
const undeliveredText = (text: string): string =>
  text.replace(/\(([^()]+)\)$/, (_whole, why: string) => `(${serverWordsText(why)})`);

function What({ event }: { readonly event: FleetEvent }): JSX.Element {
  return (
    <span class="row">
      <Dot tone={TONES[event.kind]} />
      {fleetText.t(`event.${event.kind}`, {
        text: event.kind === "undelivered" ? undeliveredText(event.text) : event.text,
      })}
    </span>
  );
}

/** What happened, newest first; of one node, or of all. */
export function EventList({
  path,
  hasNodes,
}: {
  readonly path: string;
  readonly hasNodes: boolean;
}): JSX.Element {
  const { t } = fleetText;
  const list = usePaged(path, SHAPES.events, ({ events }) => events);
  const columns = [
    { id: "time", title: t("event.time"), cell: ({ at }: FleetEvent) => formatTime(at) },
    ...(hasNodes
      ? [
          {
            id: "node",
            title: t("event.node"),
            cell: ({ node }: FleetEvent) => <NodeName id={node} />,
          },
        ]
      : []),
    { id: "what", title: t("event.what"), cell: (event: FleetEvent) => <What event={event} /> },
  ];
  return (
    <div class="stack">
      {list.items.value !== undefined && (
        <Table
          caption={t("nav.events")}
          columns={columns}
          rows={list.items.value}
          keyOf={({ id }) => id}
          empty={t("event.none")}
        />
      )}
      <PagedEnd list={list} title={t("event.more")} />
    </div>
  );
}

export function FleetEventsPage(): JSX.Element {
  return (
    <div class="events stack">
      <h1>{fleetText.t("nav.events")}</h1>
      <EventList path="/events" hasNodes />
    </div>
  );
}
