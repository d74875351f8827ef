import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { FleetEvent } from "../../../protocol/fleet/events.ts";
import { Button } from "../../components/button.tsx";
import { Dot } from "../../components/status.tsx";
import { Table } from "../../components/table.tsx";
import { attempt } from "../../components/toast.tsx";
import type { Tone } from "../../components/toast.tsx";
import { commonText } from "../../i18n/common-text.ts";
import { fleetText } from "../../i18n/fleet-text.ts";
import { formatTime } from "../../lib/format.ts";
import { followLink } from "../../lib/router.ts";
import { fleet } from "./fleet-link.ts";
import { ask } from "./fleet-api.ts";
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

function What({ event }: { readonly event: FleetEvent }): JSX.Element {
  return (
    <span class="row">
      <Dot tone={TONES[event.kind]} />
      {fleetText.t(`event.${event.kind}`, { text: event.text })}
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
  const events = useSignal<readonly FleetEvent[] | undefined>(undefined);
  const before = useSignal<number | null>(null);
  const load = async (): Promise<void> => {
    const answer = await ask("GET", path, SHAPES.events, {
      query: before.value === null ? {} : { before: before.value },
    });
    events.value = [...(events.value ?? []), ...answer.events];
    before.value = answer.before;
  };
  useEffect(() => {
    attempt(load);
  }, []);
  if (events.value === undefined) return <p class="muted">{commonText.t("loading")}</p>;
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
      <Table
        caption={t("nav.events")}
        columns={columns}
        rows={events.value}
        keyOf={({ id }) => id}
        empty={t("event.none")}
      />
      {before.value !== null && <Button onClick={() => attempt(load)}>{t("event.more")}</Button>}
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
